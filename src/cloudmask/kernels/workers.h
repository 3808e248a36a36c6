#pragma once

#include <functional>

namespace cloudmask {

/// The threads that share a kernel's work; whoever calls brings them (LibTorch's pool in the program).
struct Workers {
  int count = 1;
  /// Calls its argument once for each worker number below count, possibly at the same time, and returns after the last.
  std::function<void(const std::function<void(int worker)>&)> run = [](const auto& work) { work(0); };
};

}  // namespace cloudmask
