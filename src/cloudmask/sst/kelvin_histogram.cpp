#include "cloudmask/sst/kelvin_histogram.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cloudmask {
namespace {

constexpr double kRange_k = 50;
constexpr double kBin_k = 0.01;
constexpr int kBins = 10001;  ///< the middle one around 0

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double middle_k(std::size_t bin) { return static_cast<double>(bin) * kBin_k - kRange_k; }

}  // namespace

void KelvinHistogram::add(double difference_k) {
  if (bins_.empty()) bins_.resize(kBins);
  const double limited_k = std::clamp(difference_k, -kRange_k, kRange_k);
  ++bins_[static_cast<std::size_t>(std::lround((limited_k + kRange_k) / kBin_k))];
  ++count_;
  sum_k_ += limited_k;
}

void KelvinHistogram::merge(const KelvinHistogram& other) {
  if (other.count_ == 0) return;
  if (bins_.empty()) bins_.resize(kBins);
  for (std::size_t i = 0; i < bins_.size(); ++i) bins_[i] += other.bins_[i];
  count_ += other.count_;
  sum_k_ += other.sum_k_;
}

double KelvinHistogram::mean_k() const { return count_ > 0 ? sum_k_ / static_cast<double>(count_) : kNone; }

double KelvinHistogram::median_k() const {
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < bins_.size(); ++i) {
    below += bins_[i];
    if (2 * below >= count_) return middle_k(i);
  }
  return kNone;
}

double KelvinHistogram::robust_sd_k() const {
  if (count_ == 0) return kNone;
  const auto centre = static_cast<std::size_t>(std::lround((median_k() + kRange_k) / kBin_k));
  std::uint64_t within = bins_[centre];
  std::size_t distance = 0;
  while (2 * within < count_) {
    ++distance;
    if (centre >= distance) within += bins_[centre - distance];
    if (centre + distance < bins_.size()) within += bins_[centre + distance];
  }
  constexpr double kOfNormal = 1.4826;
  return kOfNormal * static_cast<double>(distance) * kBin_k;
}

}  // namespace cloudmask
