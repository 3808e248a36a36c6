#include "cloudmask/base/interruptible_sleep.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "cloudmask/base/clock.h"
#include "cloudmask/base/interrupt.h"

namespace cloudmask {

void sleep_unless_interrupted(double seconds) {
  constexpr double kLook_s = 0.05;
  const Stopwatch watch;
  for (double left_s = seconds; left_s > 0 && !interrupt_requested(); left_s = seconds - watch.elapsed_s()) {
    std::this_thread::sleep_for(std::chrono::duration<double>(std::min(left_s, kLook_s)));
  }
}

}  // namespace cloudmask
