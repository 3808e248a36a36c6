#include "cloudmask/training/cloud_pasting.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "cloudmask/base/random.h"
#include "cloudmask/data/normalise.h"

namespace cloudmask {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

bool missing(const float* pixel) {
  return std::all_of(pixel, pixel + kChannels, [](float value) { return value == 0; });
}

}  // namespace

void CloudPasting::apply(std::uint64_t seed, int patch_size_px, float* input, float* target, float* weight) const {
  Random random(seed);
  if (random.uniform() >= share_) return;
  const auto pixels = static_cast<std::size_t>(patch_size_px) * static_cast<std::size_t>(patch_size_px);
  std::vector<float> channels(pixels * kChannels);
  std::vector<float> cloud_probability(pixels);
  for (std::size_t i = 0; i < pixels; ++i) {
    const float* from = input + i * kChannels;
    float* to = &channels[i * kChannels];
    const bool known = !missing(from);
    for (int band = 0; band < kChannels; ++band) {
      to[band] = !known                     ? kNaN
                 : band < kReflectanceBands ? from[band] + kReflectanceOffset
                                            : from[band] * kTemperatureUnit_k + kTemperatureOffset_k;
    }
    cloud_probability[i] = weight[i] > 0 ? target[i] : kNaN;
  }
  const auto optical_depth = simulator_.paste({patch_size_px, channels.data(), cloud_probability.data()}, random());
  for (std::size_t i = 0; i < optical_depth.size(); ++i) {
    const float* from = &channels[i * kChannels];
    if (optical_depth[i] <= 0 || std::isnan(from[kReflectanceBands])) continue;
    float* to = input + i * kChannels;
    for (int band = 0; band < kChannels; ++band) {
      to[band] = band < kReflectanceBands ? from[band] - kReflectanceOffset
                                          : (from[band] - kTemperatureOffset_k) / kTemperatureUnit_k;
    }
    if (optical_depth[i] <= kCloudOpticalDepth) continue;
    target[i] = 1;
    weight[i] = 1;
  }
}

}  // namespace cloudmask
