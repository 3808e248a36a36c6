#include "cloudmask/remote/retry.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>

#include "cloudmask/base/interrupt.h"
#include "cloudmask/base/interruptible_sleep.h"
#include "cloudmask/base/log.h"

namespace cloudmask {
namespace {

constexpr double kFirst_s = 0.5;
constexpr double kLongest_s = 30;
constexpr double kLongestAsked_s = 300;
constexpr double kWorthALine_s = 4;

}  // namespace

double Backoff::next_s(double retry_after_s) {
  const double ceiling_s = std::min(kLongest_s, std::ldexp(kFirst_s, std::min(failures_, 16)));
  ++failures_;
  return std::max(random_.uniform(ceiling_s / 2, ceiling_s), std::min(retry_after_s, kLongestAsked_s));
}

Retrier::Retrier(std::string what, int retries)
    : what_(std::move(what)), retries_(retries), backoff_(std::random_device()()) {}

void Retrier::wait_after(const StoreFault& fault) {
  if (fault.kind() != FaultKind::kTransient) throw fault;
  if (backoff_.failures() >= retries_) {
    throw StoreFault(FaultKind::kTransient, fmt::format("{}; given up after {} tries", fault.what(), retries_ + 1));
  }
  const double wait_s = backoff_.next_s(fault.retry_after_s());
  const std::string line = fmt::format("{}: {}; trying again in {:.1f} s", what_, fault.what(), wait_s);
  if (wait_s >= kWorthALine_s) {
    log_info(line);
  } else {
    log_detail(line);
  }
  sleep_unless_interrupted(wait_s);
  if (interrupt_requested()) throw Interrupted("stopped by a signal");
}

}  // namespace cloudmask
