#pragma once

#include <cstddef>
#include <mutex>

#include "cloudmask/base/clock.h"

namespace cloudmask {

/// Holds all threads together to so many bytes a second.
class BandwidthLimit {
 public:
  /// 0: no limit.
  explicit BandwidthLimit(double bytes_per_s) : bytes_per_s_(bytes_per_s) {}

  /// Returns when it is these bytes' turn, or early after a signal.
  void take(std::size_t bytes);

 private:
  const double bytes_per_s_;
  std::mutex mutex_;
  Stopwatch watch_;
  double next_s_ = 0;  ///< when the bytes taken so far are through
};

}  // namespace cloudmask
