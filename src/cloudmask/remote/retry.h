#pragma once

#include <cstdint>
#include <string>

#include "cloudmask/base/random.h"
#include "cloudmask/remote/fault.h"

namespace cloudmask {

/// Waiting times that double from half a second to half a minute, each drawn from its upper half, so that many clients
/// do not come back together.
class Backoff {
 public:
  explicit Backoff(std::uint64_t seed) : random_(seed) {}

  /// The wait before the next try; not below what the store asked for, of which five minutes at most are heeded.
  double next_s(double retry_after_s);
  void reset() { failures_ = 0; }
  int failures() const { return failures_; }  ///< waits since the start or the last reset

 private:
  Random random_;
  int failures_ = 0;
};

/// Counts the failures of one piece of work, and waits between tries. No two draw the same waits.
class Retrier {
 public:
  /// `what` is named in the log. `retries`: tries in a row that may fail after the first. 0: none.
  Retrier(std::string what, int retries);

  /// Waits when the fault is transient and tries are left. Throws the fault when not, and Interrupted after a signal.
  void wait_after(const StoreFault& fault);

  /// Something came: the next failure is the first again.
  void made_progress() { backoff_.reset(); }

 private:
  std::string what_;
  int retries_;
  Backoff backoff_;
};

/// What `ask` returns once it goes well. Throws as wait_after() does.
template <typename Ask>
auto with_retries(Retrier& retrier, const Ask& ask) {
  for (;;) {
    try {
      return ask();
    } catch (const StoreFault& fault) {
      retrier.wait_after(fault);
    }
  }
}

}  // namespace cloudmask
