#include "cloudmask/scene/scene.h"

#include <cmath>

namespace cloudmask {

std::string result_name(const std::filesystem::path& scene, View view) {
  return scene.filename().string() + (view == View::kOblique ? ".oblique" : "");
}

bool pixel_missing(const Scene& scene, std::size_t pixel) {
  const float* temperature_k = &scene.brightness_temperature_k[pixel * kBrightnessTemperatureBands];
  return std::isnan(temperature_k[1]) || std::isnan(temperature_k[2]);
}

bool pixel_in_daylight(const Scene& scene, std::size_t pixel) {
  constexpr float kDaylight = 0.02F;
  const float* reflectance = &scene.reflectance[pixel * kReflectanceBands];
  // A comparison with NaN is false: a missing band says nothing.
  return reflectance[0] > kDaylight || reflectance[1] > kDaylight || reflectance[2] > kDaylight;
}

bool scene_in_daylight(const Scene& scene) {
  std::size_t known = 0;
  std::size_t lit = 0;
  for (std::size_t pixel = 0; pixel < scene.pixels(); ++pixel) {
    if (pixel_missing(scene, pixel)) continue;
    ++known;
    if (pixel_in_daylight(scene, pixel)) ++lit;
  }
  return 2 * lit > known;
}

}  // namespace cloudmask
