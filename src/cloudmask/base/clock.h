#pragma once

#include <chrono>
#include <cstdint>

namespace cloudmask {

/// Wall time since construction or the last restart, from the monotonic clock.
class Stopwatch {
 public:
  double elapsed_s() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }
  void restart() { start_ = Clock::now(); }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

/// Milliseconds since 1970-01-01 UTC: the time stamp of log events.
inline std::int64_t unix_time_ms() {
  using std::chrono::duration_cast, std::chrono::milliseconds, std::chrono::system_clock;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace cloudmask
