#include "cloudmask/metrics/scores.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cloudmask/base/error.h"

namespace cloudmask {
namespace {

constexpr double kProbabilityMargin = 1e-7;
constexpr std::uint8_t kUnknownTruth = 255;

double ratio(double numerator, double denominator) {
  return denominator > 0 ? numerator / denominator : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

void PixelCounts::add(float cloud_probability, std::uint8_t truth, double threshold) {
  if (truth == kUnknownTruth || std::isnan(cloud_probability)) return;
  const bool is_cloud = truth != 0;
  const bool called_cloud = cloud_probability >= threshold;
  if (is_cloud) {
    ++(called_cloud ? true_cloud : false_clear);
  } else {
    ++(called_cloud ? false_cloud : true_clear);
  }
  const double p = std::clamp(static_cast<double>(cloud_probability), kProbabilityMargin, 1.0 - kProbabilityMargin);
  log_loss_sum -= std::log(is_cloud ? p : 1.0 - p);
}

void PixelCounts::add(std::span<const float> cloud_probability, std::span<const std::uint8_t> truth, double threshold) {
  CM_CHECK(cloud_probability.size() == truth.size());
  // A sum of its own per call: adding millions of small terms to a large total would lose digits.
  PixelCounts part;
  for (std::size_t i = 0; i < truth.size(); ++i) part.add(cloud_probability[i], truth[i], threshold);
  merge(part);
}

void PixelCounts::merge(const PixelCounts& other) {
  true_cloud += other.true_cloud;
  false_cloud += other.false_cloud;
  true_clear += other.true_clear;
  false_clear += other.false_clear;
  log_loss_sum += other.log_loss_sum;
}

Scores score(const PixelCounts& counts) {
  const auto hits = static_cast<double>(counts.true_cloud);
  const auto false_alarms = static_cast<double>(counts.false_cloud);
  const auto clears = static_cast<double>(counts.true_clear);
  const auto misses = static_cast<double>(counts.false_clear);
  Scores scores;
  scores.pixels = counts.pixels();
  const auto all = static_cast<double>(scores.pixels);
  scores.accuracy = ratio(hits + clears, all);
  scores.hit_rate = ratio(hits, hits + misses);
  scores.false_alarm_rate = ratio(false_alarms, false_alarms + clears);
  scores.balanced_accuracy = (scores.hit_rate + 1.0 - scores.false_alarm_rate) / 2.0;
  scores.true_skill = scores.hit_rate - scores.false_alarm_rate;
  scores.f1 = ratio(2.0 * hits, 2.0 * hits + false_alarms + misses);
  scores.iou = ratio(hits, hits + false_alarms + misses);
  scores.log_loss = ratio(counts.log_loss_sum, all);
  return scores;
}

}  // namespace cloudmask
