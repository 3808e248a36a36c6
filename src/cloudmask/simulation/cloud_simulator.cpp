#include "cloudmask/simulation/cloud_simulator.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

namespace cloudmask {
namespace {

constexpr float kSunS7 = 10.7F;  // solar irradiance at 3.74 um, W m-2 um-1 (ASTM E-490)

// Mean over what is surely clear; empty when that is less than a tenth of the patch.
std::optional<ClearGround> look_at_ground(const PatchPixels& patch) {
  constexpr float kSurelyClear = 0.15F;
  constexpr float kLit = 0.02F;
  const auto pixels = static_cast<std::size_t>(patch.size_px) * static_cast<std::size_t>(patch.size_px);
  double sum_k = 0;
  std::size_t clear = 0;
  std::size_t lit = 0;
  for (std::size_t i = 0; i < pixels; ++i) {
    if (!(patch.cloud_probability[i] < kSurelyClear)) continue;
    const float* pixel = patch.channels + i * kChannels;
    sum_k += static_cast<double>(pixel[7]);
    lit += std::max({pixel[0], pixel[1], pixel[2]}) > kLit ? 1U : 0U;
    ++clear;
  }
  if (10 * clear < pixels) return std::nullopt;
  return ClearGround{static_cast<float>(sum_k / static_cast<double>(clear)), 2 * lit > clear};
}

}  // namespace

// Absorption and emission by Planck mixing; reflectance of a layer over a ground without multiple reflections.
void CloudSimulator::lay(const SimulatedCloud& cloud, float sunlight_s7, bool daylight,
                         const PatchPixels& patch) const {
  const ParticleOptics& optics = cloud.optics;
  for (std::size_t i = 0; i < cloud.cover.size(); ++i) {
    const float cover = cloud.cover[i];
    float* reflectance = patch.channels + i * kChannels;
    float* temperature_k = reflectance + kReflectanceBands;
    if (cover <= 0 || std::isnan(temperature_k[1])) continue;
    const float depth = cloud.optical_depth[i];
    const float mirror = optics.backscatter * depth / (1 + optics.backscatter * depth);
    for (std::size_t band = 0; band < kBrightnessTemperatureBands; ++band) {
      const auto name = static_cast<ThermalBand>(band);
      const float opaque = 1 - std::exp(-optics.absorption[band] * depth);
      const float emissivity = band == kS7 ? optics.emissivity_s7 : 1.0F;
      const float below = planck_.radiance(name, temperature_k[band]);
      float covered = (1 - opaque) * below + opaque * emissivity * planck_.radiance(name, cloud.top_k[i]);
      if (band == kS7 && daylight) covered += mirror * optics.sunlight_s7 * sunlight_s7;
      temperature_k[band] = Planck::temperature_k(name, below + cover * (covered - below));
    }
    if (!daylight) continue;
    for (std::size_t band = 0; band < kReflectanceBands; ++band) {
      const float below = reflectance[band];
      const float covered = (1 - mirror) * (1 - mirror) * below + mirror * optics.whiteness[band];
      reflectance[band] = below + cover * (covered - below);
    }
  }
}

std::vector<float> CloudSimulator::paste(const PatchPixels& patch, std::uint64_t seed) const {
  const auto ground = look_at_ground(patch);
  if (!ground) return {};
  Random random(seed);
  const auto sun_cosine = static_cast<float>(random.uniform(.25, .95));
  const float sunlight_s7 = sun_cosine * kSunS7 / std::numbers::pi_v<float>;
  std::vector<SimulatedCloud> layers{draw_cloud(bank_, optics_, *ground, patch.size_px, random)};
  if (random.uniform() < 0.4) layers.push_back(draw_cloud(bank_, optics_, *ground, patch.size_px, random));
  std::sort(layers.begin(), layers.end(),
            [](const SimulatedCloud& a, const SimulatedCloud& b) { return a.colder_k < b.colder_k; });
  std::vector<float> optical_depth(layers.front().cover.size());
  for (const SimulatedCloud& cloud : layers) {
    lay(cloud, sunlight_s7, ground->daylight, patch);
    for (std::size_t i = 0; i < cloud.cover.size(); ++i) optical_depth[i] += cloud.cover[i] * cloud.optical_depth[i];
  }
  return optical_depth;
}

}  // namespace cloudmask
