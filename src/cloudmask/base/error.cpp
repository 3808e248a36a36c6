#include "cloudmask/base/error.h"

#include <cstdio>
#include <cstdlib>

namespace cloudmask {

void report_broken_check(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "cloudmask: internal fault, please report it: %s does not hold (%s:%d)\n", condition, file,
               line);
  std::abort();
}

}  // namespace cloudmask
