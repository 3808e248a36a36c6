#include "cloudmask/remote/bandwidth_limit.h"

#include <algorithm>

#include "cloudmask/base/interruptible_sleep.h"

namespace cloudmask {

void BandwidthLimit::take(std::size_t bytes) {
  if (bytes_per_s_ <= 0) return;
  double wait_s = 0;
  {
    const std::lock_guard lock(mutex_);
    const double now_s = watch_.elapsed_s();
    next_s_ = std::max(next_s_, now_s) + static_cast<double>(bytes) / bytes_per_s_;
    wait_s = next_s_ - now_s;
  }
  sleep_unless_interrupted(wait_s);
}

}  // namespace cloudmask
