#pragma once

#include <functional>
#include <memory_resource>

namespace cloudmask {

/// The threads that share a kernel's work, and the memory that they work in; whoever calls brings them (LibTorch's pool
/// and its allocator in the program).
struct Workers {
  int count = 1;
  /// Calls its argument once for each worker number below count, possibly at the same time, and returns after the last.
  std::function<void(const std::function<void(int worker)>&)> run = [](const auto& work) { work(0); };
  std::pmr::memory_resource* memory = std::pmr::get_default_resource();
};

}  // namespace cloudmask
