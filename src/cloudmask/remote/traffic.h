#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "cloudmask/remote/bandwidth_limit.h"
#include "cloudmask/remote/fault.h"

namespace cloudmask {

/// What goes over the network on behalf of all threads of a fetch.
class Traffic {
 public:
  /// `on_bytes` is called from many threads after each piece that came.
  Traffic(double bytes_per_s, int most_unanswered, std::function<void()> on_bytes);

  /// Waits for the bytes' turn and counts them.
  void pass(std::size_t bytes);

  /// A request found no answer in all its tries. Throws Error when that has happened to so many in a row that the
  /// rest would fare no better.
  void give_up(const StoreFault& fault);

  std::uint64_t received_bytes() const { return received_bytes_; }

 private:
  BandwidthLimit limit_;
  const int most_unanswered_;
  const std::function<void()> on_bytes_;
  std::atomic<std::uint64_t> received_bytes_{0};
  std::atomic<int> unanswered_{0};
};

}  // namespace cloudmask
