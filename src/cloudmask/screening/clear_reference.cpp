#include "cloudmask/screening/clear_reference.h"

#include <limits>

#include "cloudmask/base/parallel_for.h"

namespace cloudmask {

BlockGrid clear_reference(const PlaneView& s8_k, int threads) {
  constexpr double kWarm = 0.95;  // the warm end is clear ground or sea
  return window_mean(window_maximum(block_percentile(s8_k, kWarm, threads), /*radius=*/2), /*radius=*/1);
}

std::vector<float> clear_reference_k(const Scene& scene, int threads) {
  constexpr std::size_t kS8 = 1;
  std::vector<float> plane(scene.pixels());
  for (std::size_t pixel = 0; pixel < plane.size(); ++pixel) {
    plane[pixel] = pixel_missing(scene, pixel)
                       ? std::numeric_limits<float>::quiet_NaN()
                       : scene.brightness_temperature_k[pixel * kBrightnessTemperatureBands + kS8];
  }
  const BlockGrid reference = clear_reference({plane.data(), scene.height_px, scene.width_px}, threads);
  const auto width = static_cast<std::size_t>(scene.width_px);
  parallel_for(
      static_cast<std::size_t>(scene.height_px),
      [&](std::size_t row) { interpolate_row(reference, static_cast<int>(row), scene.width_px, &plane[row * width]); },
      threads);
  return plane;
}

}  // namespace cloudmask
