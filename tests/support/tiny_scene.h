#pragma once

#include <cmath>

#include "cloudmask/scene/scene.h"

namespace cloudmask {

/// A small scene in which every value is different and in range, with labels and truth.
inline Scene make_tiny_scene(int height_px, int width_px) {
  Scene scene;
  scene.name = "S3A_tiny.hdf";
  scene.height_px = height_px;
  scene.width_px = width_px;
  for (std::size_t pixel = 0; pixel < scene.pixels(); ++pixel) {
    const auto step = static_cast<float>(pixel) / static_cast<float>(scene.pixels());
    for (int band = 0; band < kReflectanceBands; ++band) {
      scene.reflectance.push_back(0.05F + 0.9F * step + 0.001F * static_cast<float>(band));
    }
    for (int band = 0; band < kBrightnessTemperatureBands; ++band) {
      scene.brightness_temperature_k.push_back(250.0F + 40.0F * step + static_cast<float>(band));
    }
    scene.label.push_back(pixel % 3 == 0 ? kCloud : kClear);
    scene.truth.push_back(pixel % 4 == 0 ? kCloud : kClear);
    scene.surface.push_back(static_cast<std::uint8_t>(pixel % 5));
  }
  return scene;
}

}  // namespace cloudmask
