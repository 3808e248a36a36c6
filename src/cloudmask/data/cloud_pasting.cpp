#include "cloudmask/data/cloud_pasting.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "cloudmask/base/random.h"
#include "cloudmask/data/network_input.h"

namespace cloudmask {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

bool missing(const float* pixel) {
  return std::all_of(pixel, pixel + kChannels, [](float value) { return value == 0; });
}

constexpr double kPastedShare = 0.3;

}  // namespace

std::shared_ptr<const PatchEdit> make_patch_edit(const Config& config) {
  if (config.training.supervision == Supervision::kLabels) return nullptr;
  const auto& file = config.training.cloud_optics;
  return std::make_shared<CloudPasting>(config.machine.seed, kPastedShare,
                                        file.empty() ? default_cloud_optics() : read_cloud_optics(file));
}

// The tenth channel, where there is one, stays: it is judged from further around than a patch.
void CloudPasting::apply(std::uint64_t seed, const UnpackedPatch& patch) const {
  Random random(seed);
  if (random.uniform() >= share_) return;
  const std::size_t pixels = patch.pixels();
  const auto stride = static_cast<std::size_t>(patch.channels);
  std::vector<float> channels(pixels * kChannels);
  std::vector<float> cloud_probability(pixels);
  for (std::size_t i = 0; i < pixels; ++i) {
    const float* from = patch.input + i * stride;
    float* to = &channels[i * kChannels];
    const bool known = !missing(from);
    for (int band = 0; band < kChannels; ++band) {
      to[band] = !known                     ? kNaN
                 : band < kReflectanceBands ? from[band] + kReflectanceOffset
                                            : from[band] * kTemperatureUnit_k + kTemperatureOffset_k;
    }
    cloud_probability[i] = patch.weight[i] > 0 ? patch.target[i] : kNaN;
  }
  const auto optical_depth = simulator_.paste({patch.size_px, channels.data(), cloud_probability.data()}, random());
  for (std::size_t i = 0; i < optical_depth.size(); ++i) {
    const float* from = &channels[i * kChannels];
    if (optical_depth[i] <= 0 || std::isnan(from[kReflectanceBands])) continue;
    float* to = patch.input + i * stride;
    for (int band = 0; band < kChannels; ++band) {
      to[band] = band < kReflectanceBands ? from[band] - kReflectanceOffset
                                          : (from[band] - kTemperatureOffset_k) / kTemperatureUnit_k;
    }
    if (optical_depth[i] <= kCloudOpticalDepth) continue;
    patch.target[i] = 1;
    patch.weight[i] = 1;
  }
}

}  // namespace cloudmask
