#pragma once

#include <new>
#include <vector>

#include "cloudmask/kernels/kernel_set.h"

namespace cloudmask {

/// Begins each buffer at a cache line: a vector that lies across two costs twice.
template <typename T>
struct CacheLineAllocator {
  using value_type = T;
  static constexpr std::align_val_t kLine{64};

  CacheLineAllocator() = default;
  template <typename Other>
  explicit CacheLineAllocator(const CacheLineAllocator<Other>&) {}

  T* allocate(std::size_t count) { return static_cast<T*>(::operator new(count * sizeof(T), kLine)); }
  void deallocate(T* memory, std::size_t) { ::operator delete(memory, kLine); }
  bool operator==(const CacheLineAllocator&) const { return true; }
};

using WordBuffer = std::vector<Word, CacheLineAllocator<Word>>;
using FloatBuffer = std::vector<float, CacheLineAllocator<float>>;

}  // namespace cloudmask
