#include <algorithm>
#include <array>
#include <span>

#include "cloudmask/base/clock.h"
#include "cloudmask/base/interrupt.h"
#include "cloudmask/benchmark.h"
#include "cloudmask/parallel/agreement.h"

namespace cloudmask {
namespace {

double time_once(std::span<float> values, GradientPrecision sent_as, Communicator& ranks) {
  Stopwatch watch;
  ranks.start_sum(values, sent_as).get();
  return watch.elapsed_s();
}

// The same number on all ranks, for about a third of a second.
int repetitions_of(double once_s, Communicator& ranks) {
  constexpr double kEnough_s = 0.3;
  std::array<double, 1> slowest = {once_s};
  ranks.all_reduce_max(slowest);
  return static_cast<int>(std::clamp(kEnough_s / std::max(slowest[0], 1e-9), 5.0, 3000.0));
}

}  // namespace

std::vector<AllReduceTime> benchmark_all_reduce(GradientPrecision sent_as, Communicator& ranks) {
  constexpr std::size_t kLargest = std::size_t{16} << 20;  // values, of 4 bytes
  std::vector<float> values(kLargest, 1.0F);
  std::vector<AllReduceTime> times;
  for (std::size_t count = 1; count <= kLargest; count *= 4) {
    if (agree_to_stop(ranks, nullptr, interrupt_requested())) {
      throw OnAllRanks<Interrupted>("the benchmark was stopped by a signal; it has no result");
    }
    const std::span<float> message(values.data(), count);
    std::fill(message.begin(), message.end(), 1.0F);
    time_once(message, sent_as, ranks);
    std::vector<double> taken_s(static_cast<std::size_t>(repetitions_of(time_once(message, sent_as, ranks), ranks)));
    for (double& time_s : taken_s) time_s = time_once(message, sent_as, ranks);
    const auto middle = taken_s.begin() + static_cast<std::ptrdiff_t>(taken_s.size() / 2);
    std::nth_element(taken_s.begin(), middle, taken_s.end());
    times.push_back({.message_bytes = count * sizeof(float), .time_s = *middle});
  }
  return times;
}

}  // namespace cloudmask
