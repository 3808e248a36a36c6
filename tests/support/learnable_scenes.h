#pragma once

#include <filesystem>
#include <string>

#include "cloudmask/scene/scene_writer.h"

namespace cloudmask {

/// A scene in which cold is cloud, in blobs of a few pixels: what a tiny network learns in seconds.
inline Scene make_learnable_scene(int size_px, int number) {
  Scene scene;
  scene.name = "S3A_" + std::to_string(number) + ".hdf";
  scene.height_px = scene.width_px = size_px;
  for (int y = 0; y < size_px; ++y) {
    for (int x = 0; x < size_px; ++x) {
      const bool cloud = (x / 7 + 2 * (y / 9) + number) % 3 == 0;
      const auto speckle = static_cast<float>((x * 31 + y * 17 + number * 7) % 13) / 13.0F;
      for (int band = 0; band < kReflectanceBands; ++band) {
        scene.reflectance.push_back((cloud ? 0.5F : 0.1F) + 0.2F * speckle);
      }
      for (int band = 0; band < kBrightnessTemperatureBands; ++band) {
        scene.brightness_temperature_k.push_back((cloud ? 255.0F : 285.0F) + 8.0F * speckle);
      }
      scene.label.push_back(cloud ? kCloud : kClear);
    }
  }
  return scene;
}

inline void write_learnable_scenes(const std::filesystem::path& folder, int scenes, int size_px) {
  for (int i = 0; i < scenes; ++i) {
    const Scene scene = make_learnable_scene(size_px, i);
    write_scene(folder / scene.name, scene);
  }
}

}  // namespace cloudmask
