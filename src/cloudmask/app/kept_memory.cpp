#include "cloudmask/app/kept_memory.h"

#include <malloc.h>

#include <limits>

namespace cloudmask {

void keep_freed_memory() {
  constexpr int kLargestInHeap_bytes = 32 << 20;  // glibc takes no more
  mallopt(M_MMAP_THRESHOLD, kLargestInHeap_bytes);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  mallopt(M_ARENA_MAX, 1);
}

}  // namespace cloudmask
