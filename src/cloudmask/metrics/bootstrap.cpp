#include "cloudmask/metrics/bootstrap.h"

#include <algorithm>
#include <cmath>

#include "cloudmask/base/random.h"

namespace cloudmask {
namespace {

/// `ordered` is not empty; `share` from 0 to 1.
double quantile(const std::vector<double>& ordered, double share) {
  const double place = share * static_cast<double>(ordered.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, ordered.size() - 1);
  return ordered[below] + (place - std::floor(place)) * (ordered[above] - ordered[below]);
}

}  // namespace

std::vector<std::vector<std::size_t>> resample(std::size_t items) {
  Random random(kResamplingSeed);
  std::vector<std::vector<std::size_t>> draws(kResamples, std::vector<std::size_t>(items));
  for (std::vector<std::size_t>& draw : draws) {
    for (std::size_t& item : draw) item = random.below(items);
  }
  return draws;
}

Estimate estimate(double value, std::vector<double> resampled) {
  resampled.erase(std::remove_if(resampled.begin(), resampled.end(), [](double v) { return std::isnan(v); }),
                  resampled.end());
  Estimate result;
  result.value = value;
  if (resampled.empty()) return result;
  std::sort(resampled.begin(), resampled.end());
  result.low = quantile(resampled, (1 - kConfidence) / 2);
  result.high = quantile(resampled, (1 + kConfidence) / 2);
  return result;
}

}  // namespace cloudmask
