#pragma once

#include <cstdint>
#include <vector>

namespace cloudmask {

/// Temperature differences of any number of pixels, mergeable: quantiles to 0.01 K, the mean exactly. Differences
/// beyond
/// +-50 K count as such.
class KelvinHistogram {
 public:
  void add(double difference_k);
  void merge(const KelvinHistogram& other);

  std::uint64_t count() const { return count_; }
  double mean_k() const;  ///< NaN without differences, as the two below
  double median_k() const;

  /// 1.4826 x the median distance from the median: the standard deviation of what is normal, blind to outliers.
  double robust_sd_k() const;

 private:
  std::vector<std::uint64_t> bins_;  ///< empty before the first difference
  std::uint64_t count_ = 0;
  double sum_k_ = 0;
};

}  // namespace cloudmask
