#include "cloudmask/screening/plausibility.h"

#include <fmt/format.h>

#include <cmath>

#include "cloudmask/base/log.h"

namespace cloudmask {
namespace {

constexpr double kLeastCloud = 0.02;
constexpr double kMostCloud = 0.98;
constexpr double kFewPixels = 100;  ///< means over fewer say nothing

struct Mean {
  double sum = 0;
  double count = 0;

  void add(float value) {
    if (std::isnan(value)) return;
    sum += value;
    count += 1;
  }
  double value() const { return sum / count; }
};

struct Contrast {
  Mean clear;
  Mean cloud;

  bool upside_down() const {
    return clear.count >= kFewPixels && cloud.count >= kFewPixels && cloud.value() <= clear.value();
  }
};

}  // namespace

std::string describe_doubts(const SceneFeatures& features, const float* cloud_probability, double threshold) {
  Contrast coldness_k;
  Contrast s1;
  Contrast s4;
  double cloud = 0;
  double known = 0;
  for (std::size_t i = 0; i < features.pixels(); ++i) {
    if (std::isnan(cloud_probability[i])) continue;
    const bool is_cloud = cloud_probability[i] >= threshold;
    known += 1;
    cloud += is_cloud ? 1 : 0;
    const auto add = [&](Contrast& contrast, Feature feature) {
      (is_cloud ? contrast.cloud : contrast.clear).add(features.plane(feature)[i]);
    };
    add(coldness_k, Feature::kColdness);
    if (features.kinds()[i] == kDaySnow) continue;
    add(s1, Feature::kS1);
    add(s4, Feature::kS4);
  }
  if (known == 0) return "no pixel has data";
  std::string doubts;
  const auto doubt = [&](const std::string& reason) { doubts += (doubts.empty() ? "" : "; ") + reason; };
  if (cloud < kLeastCloud * known || cloud > kMostCloud * known) {
    doubt(fmt::format("{:.1f} % of it is cloud", 100 * cloud / known));
  }
  const auto compare = [&](const Contrast& contrast, const char* quantity, const char* unit) {
    if (!contrast.upside_down()) return;
    doubt(fmt::format("{} of cloud is {:.3g}{} on average, of clear pixels {:.3g}{}", quantity, contrast.cloud.value(),
                      unit, contrast.clear.value(), unit));
  };
  compare(coldness_k, "Tref-S8", " K");
  compare(s1, "S1", "");
  compare(s4, "S4", "");
  return doubts;
}

void warn_of_doubts(const std::string& scene, const SceneFeatures& features, const float* cloud_probability,
                    double threshold) {
  const std::string doubts = describe_doubts(features, cloud_probability, threshold);
  if (!doubts.empty()) log_warning(fmt::format("{}: look at this mask before you use it: {}", scene, doubts));
}

}  // namespace cloudmask
