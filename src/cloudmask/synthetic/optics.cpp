#include "cloudmask/synthetic/optics.h"

#include <cmath>

#include "cloudmask/synthetic/scene_plan.h"

namespace cloudmask::synthetic {

float reflectance_limit(float co_albedo, float asymmetry) {
  const float similarity = std::sqrt(co_albedo / (1 - (1 - co_albedo) * asymmetry));
  return (1 - similarity) * (1 - 0.139F * similarity) / (1 + 1.17F * similarity);
}

CloudOptics draw_optics(CloudKind kind, float scale, Random& random) {
  const bool ice = kind == kDeep || kind == kCirrus;
  const float asymmetry = ice ? 0.78F : 0.85F;
  // Absorption grows with the size of the particles, in all bands together.
  const float size = scale * draw(random, 0.65, 1.45);
  const float co_albedo_s5 = size * (ice ? 0.045F : (kind == kMid ? 0.012F : 0.006F));
  const float co_albedo_s6 = size * (ice ? 0.085F : (kind == kMid ? 0.03F : 0.015F));
  const float co_albedo_s7 = size * (ice ? 0.32F : (kind == kMid ? 0.15F : 0.095F));
  CloudOptics optics;
  optics.reflectance_limit_s5 = reflectance_limit(co_albedo_s5, asymmetry);
  optics.reflectance_limit_s6 = reflectance_limit(co_albedo_s6, asymmetry);
  optics.reflectance_limit_s7 = reflectance_limit(co_albedo_s7, asymmetry);
  const auto loss = [asymmetry](float co_albedo) {
    return std::sqrt(3 * co_albedo * (1 - (1 - co_albedo) * asymmetry));
  };
  optics.loss_s5 = loss(co_albedo_s5);
  optics.loss_s6 = loss(co_albedo_s6);
  optics.backscatter = 1 - asymmetry;
  const float absorption = draw(random, 0.40, 0.58);
  // The larger the particles, the more alike the thermal bands are to them.
  const float s7 = draw(random, 0.75, 0.95);
  const float s9 = draw(random, 1.06, 1.22);
  const auto towards_one = [scale](float ratio) { return ratio - (ratio - 1) * (1 - 1 / scale); };
  optics.absorption = {absorption * towards_one(s7), absorption, absorption * towards_one(s9)};
  return optics;
}

}  // namespace cloudmask::synthetic
