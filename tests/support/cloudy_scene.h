#pragma once

#include <cmath>
#include <limits>

#include "cloudmask/scene/scene.h"

namespace cloudmask {

enum class Sun { kDay, kNight };

/// Sea at 290 K with a cold, white, thick cloud in the middle square of half the side: its edges are at a quarter and
/// three quarters. Smooth but for a speckle of 0.02 K and 0.002 in reflectance.
inline Scene make_cloudy_scene(int size_px, Sun sun) {
  Scene scene;
  scene.name = "S3A_cloudy.hdf";
  scene.height_px = scene.width_px = size_px;
  constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
  for (int y = 0; y < size_px; ++y) {
    for (int x = 0; x < size_px; ++x) {
      const auto inside = [size_px](int i) { return 4 * i >= size_px && 4 * i < 3 * size_px; };
      const bool cloud = inside(y) && inside(x);
      const auto speckle = static_cast<float>((x * 31 + y * 17) % 13) / 13.0F - 0.5F;
      const float sea[] = {0.08F, 0.05F, 0.03F, 0.001F, 0.01F, 0.006F};
      const float white[] = {0.6F, 0.6F, 0.58F, 0.05F, 0.4F, 0.3F};
      for (int band = 0; band < kReflectanceBands; ++band) {
        scene.reflectance.push_back(sun == Sun::kNight ? kNone : (cloud ? white : sea)[band] + 0.004F * speckle);
      }
      const float s8_k = (cloud ? 255.0F : 290.0F) + 0.04F * speckle;
      const float s7_k = s8_k + (sun == Sun::kDay ? (cloud ? 25.0F : 3.0F) : (cloud ? -3.0F : 0.1F));
      scene.brightness_temperature_k.insert(scene.brightness_temperature_k.end(), {s7_k, s8_k, s8_k - 0.8F});
      scene.truth.push_back(cloud ? kCloud : kClear);
    }
  }
  return scene;
}

}  // namespace cloudmask
