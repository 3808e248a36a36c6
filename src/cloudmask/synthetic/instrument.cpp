#include "cloudmask/synthetic/instrument.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cloudmask/synthetic/fast_noise.h"

namespace cloudmask::synthetic {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
constexpr float kSaturationS7_k = 312;
constexpr std::array<float, 3> kNoiseAt300_k = {0.03F, 0.025F, 0.03F};
constexpr std::array<float, kReflectanceBands> kDarkNoise = {.0008F, .0008F, .0008F, .0005F, .0006F, .0006F};
constexpr float kRelativeNoise = 0.004F;

void observe_temperature(const ScenePlan& plan, const Radiation& radiation, const Planck& planck, FastNoise& noise,
                         Scene& scene) {
  std::array<float, 3> noise_radiance{};
  for (std::size_t band = 0; band < 3; ++band) {
    const auto name = static_cast<ThermalBand>(band);
    noise_radiance[band] =
        plan.noise * kNoiseAt300_k[band] * (planck.radiance(name, 300.5F) - planck.radiance(name, 299.5F));
  }
  for (std::size_t i = 0; i < scene.pixels(); ++i) {
    for (std::size_t band = 0; band < 3; ++band) {
      const float radiance = radiation.radiance[i][band] + noise_radiance[band] * noise();
      float value_k = std::round(Planck::temperature_k(static_cast<ThermalBand>(band), radiance) * 100) / 100;
      if (band == kS7 && !plan.night && value_k > kSaturationS7_k) value_k = kMissing;
      scene.brightness_temperature_k[i * 3 + band] = value_k;
    }
  }
}

void observe_reflectance(const ScenePlan& plan, const Radiation& radiation, FastNoise& noise, Scene& scene) {
  for (std::size_t i = 0; i < scene.pixels(); ++i) {
    for (std::size_t band = 0; band < kReflectanceBands; ++band) {
      const float value = radiation.reflectance[i][band];
      const float deviation = plan.noise * (kDarkNoise[band] + kRelativeNoise * value);
      scene.reflectance[i * kReflectanceBands + band] = value + deviation * noise();
    }
  }
}

struct Block {
  int top, left, height, width;
};

/// A gap in the telemetry takes all bands.
void drop(Scene& scene, const Block& block) {
  for (int row = std::max(0, block.top); row < std::min(scene.height_px, block.top + block.height); ++row) {
    for (int column = std::max(0, block.left); column < std::min(scene.width_px, block.left + block.width); ++column) {
      const std::size_t i =
          static_cast<std::size_t>(row) * static_cast<std::size_t>(scene.width_px) + static_cast<std::size_t>(column);
      std::fill_n(scene.reflectance.begin() + static_cast<std::ptrdiff_t>(i * kReflectanceBands), kReflectanceBands,
                  kMissing);
      std::fill_n(scene.brightness_temperature_k.begin() + static_cast<std::ptrdiff_t>(i * 3), 3, kMissing);
      scene.label[i] = kUnknown;
      scene.truth[i] = kUnknown;
    }
  }
}

}  // namespace

void observe(const ScenePlan& plan, const Radiation& radiation, const Planck& planck, Scene& scene) {
  FastNoise noise(stream_seed(plan, Stream::kNoise));
  scene.brightness_temperature_k.assign(scene.pixels() * 3, 0.0F);
  observe_temperature(plan, radiation, planck, noise, scene);
  Random random(stream_seed(plan, Stream::kNoise, 1));
  const bool dark_frames = random.uniform() < 0.2;  // some products keep the dark signal of the night
  const bool lit = !plan.night || dark_frames;
  scene.reflectance.assign(scene.pixels() * kReflectanceBands, lit ? 0.0F : kMissing);
  if (lit) observe_reflectance(plan, radiation, noise, scene);
}

void drop_pixels(const ScenePlan& plan, Scene& scene) {
  Random random(stream_seed(plan, Stream::kMissing));
  const int height = scene.height_px;
  const int width = scene.width_px;
  const auto below = [&random](int n) {
    return static_cast<int>(random.below(static_cast<std::uint64_t>(std::max(1, n))));
  };
  if (random.uniform() < 0.3) {
    const int edge_px = 1 + below(width / 60);
    const bool left = random.uniform() < 0.5;
    drop(scene, {0, left ? 0 : width - edge_px, height, edge_px});
  }
  if (random.uniform() < 0.5) {
    for (int line = 1 + below(4); line > 0; --line) drop(scene, {below(height), 0, 1, width});
  }
  if (random.uniform() < 0.3) {
    for (int block = 1 + below(3); block > 0; --block) {
      drop(scene, {below(height), below(width), 1 + below(4), 8 + below(width / 6)});
    }
  }
}

}  // namespace cloudmask::synthetic
