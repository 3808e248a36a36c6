#include "cloudmask/synthetic/labels.h"

#include <algorithm>
#include <cmath>

#include "cloudmask/synthetic/fast_noise.h"

namespace cloudmask::synthetic {
namespace {

constexpr double kSalt = 0.003;  ///< share of labels wrong without any reason, at most

/// Kelvin of S8 from a difference in radiance: near 0.12 W m-2 sr-1 um-1 a kelvin at 280 K.
constexpr float kKelvinPerRadiance = 8;

/// How far a cloudy pixel stands out from the same pixel without cloud, in units of what a screening test can see.
float visibility(const RadiationResult& radiation, std::size_t pixel, bool night) {
  const auto& cloudy = radiation.cloudy.radiance[pixel];
  const auto& clear = radiation.clear.radiance[pixel];
  const float colder_k = kKelvinPerRadiance * (clear[kS8] - cloudy[kS8]);
  const float thermal = std::abs(colder_k) / 7;
  if (night) {
    // S7 falls with S8 when the cloud is black; what departs from that tells water cloud and cirrus.
    const float expected = clear[kS7] * (cloudy[kS8] / clear[kS8]);
    return thermal + 2.5F * std::abs(cloudy[kS7] - expected) / clear[kS7];
  }
  const float brighter = radiation.cloudy.reflectance[pixel][1] - radiation.clear.reflectance[pixel][1];
  const float cirrus = radiation.cloudy.reflectance[pixel][3] - radiation.clear.reflectance[pixel][3];
  return thermal + std::abs(brighter) / 0.12F + std::abs(cirrus) / 0.03F;
}

/// Susceptibility of the cloudy pixels: faint ones and the rims of clouds are missed.
float missed_score(float visible, float cloud_near, std::uint8_t kind, bool night) {
  float score = 2.3F - 1.0F * std::min(visible, 4.0F) + 0.9F * (1 - cloud_near);
  if (night && kind == kStratus + 1) score += 0.35F;
  return score;
}

/// Susceptibility of the clear pixels: fronts and coasts, snow and ice, glint, and what lies beside cloud.
struct ClearGround {
  float step_k;
  float snow;
  float glint;
  float cloud_near;
  float optical_depth;
  bool night;
};

float false_score(const ClearGround& ground) {
  return (ground.night ? -1.3F : -1.7F) + 1.0F * std::min(ground.step_k, 2.5F) + 1.3F * ground.snow +
         6.0F * std::min(ground.glint, 0.3F) + 2.6F * ground.cloud_near + 3.0F * ground.optical_depth;
}

Field clear_temperature_step(const RadiationResult& radiation, GridSize size) {
  Field radiance{size, std::vector<float>(size.pixels())};
  for (std::size_t i = 0; i < radiance.values.size(); ++i) {
    radiance[i] = kKelvinPerRadiance * radiation.clear.radiance[i][kS8];
  }
  return box_mean(contrast(radiance, 2), 2);
}

Field cloud_share_around(const Truth& truth, GridSize size) {
  Field cloud{size, std::vector<float>(truth.cloud.begin(), truth.cloud.end())};
  return box_mean(cloud, 2);
}

}  // namespace

Truth find_truth(const ScenePlan& plan, const std::vector<CloudLayer>& layers) {
  Truth truth;
  const std::size_t pixels = plan.size.pixels();
  truth.cloud.resize(pixels);
  truth.kind.resize(pixels);
  truth.optical_depth = {plan.size, std::vector<float>(pixels)};
  for (std::size_t i = 0; i < pixels; ++i) {
    float total = 0;
    float largest = 0;
    std::uint8_t kind = 0;
    for (const CloudLayer& layer : layers) {
      const CloudPixel cloud = layer.at(i);
      const float depth = cloud.optical_depth * cloud.cover;
      total += depth;
      if (depth <= largest) continue;
      largest = depth;
      kind = static_cast<std::uint8_t>(layer.kind + 1);
    }
    const bool cloudy = total > kTruthOpticalDepth;
    truth.cloud[i] = cloudy ? kCloud : kClear;
    truth.kind[i] = cloudy ? kind : 0;
    truth.optical_depth[i] = total;
  }
  return truth;
}

std::vector<std::uint8_t> make_label(const ScenePlan& plan, const Viewing& viewing, const Geography& ground,
                                     const Truth& truth, const RadiationResult& radiation) {
  if (plan.label_error <= 0) return truth.cloud;
  const Field near = cloud_share_around(truth, plan.size);
  const Field step_k = clear_temperature_step(radiation, plan.size);
  const Field patches = fractal_field(plan.size, {stream_seed(plan, Stream::kLabelPatches), 128, 8, 0.5F});
  const Field speckle = fractal_field(plan.size, {stream_seed(plan, Stream::kLabelSpeckle), 8, 2, 0.4F});
  Field score{plan.size, std::vector<float>(plan.size.pixels())};
  for (std::size_t i = 0; i < score.values.size(); ++i) {
    const float chance = 1.1F * patches[i] + 0.5F * speckle[i];
    if (truth.cloud[i] == kCloud) {
      score[i] = chance + missed_score(visibility(radiation, i, plan.night), near[i], truth.kind[i], plan.night);
    } else {
      const float glint = ground.water[i] != 0 ? viewing.glint[i] : 0;
      score[i] = chance + false_score({step_k[i], ground.snow[i], glint, near[i], truth.optical_depth[i], plan.night});
    }
  }
  const double salt_share = std::min<double>(kSalt, plan.label_error);
  const float limit = value_exceeded_by(score, plan.label_error - salt_share);
  Random salt(stream_seed(plan, Stream::kLabelSalt));
  std::vector<std::uint8_t> label(plan.size.pixels());
  for (std::size_t i = 0; i < label.size(); ++i) {
    const bool wrong = (score[i] > limit) != (salt.uniform() < salt_share);
    label[i] = static_cast<std::uint8_t>((truth.cloud[i] == kCloud) != wrong ? kCloud : kClear);
  }
  return label;
}

}  // namespace cloudmask::synthetic
