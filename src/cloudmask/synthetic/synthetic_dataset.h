#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "cloudmask/synthetic/synthetic_scene.h"

namespace cloudmask {

struct DatasetOptions {
  int scenes = 20;
  std::uint64_t seed = 1;
  double night_fraction = 0.5;  ///< spread evenly over the scenes
  int height_px = 1200;
  int width_px = 1500;
  bool reflectance_500m = false;
  SceneVariation variation = {};
  bool full = false;  ///< also `rads` and `summary`
  int threads = 0;    ///< 0: as many as there are cores
};

/// Writes `S3A_SYNTH_<seed>_<index>_<day|night>.hdf` files, each whole or not at all, and returns their paths in order.
/// The bytes do not depend on the number of threads; a smaller set is the beginning of a larger one with the same
/// options. Throws UsageError for options out of range, Error when a file cannot be written.
std::vector<std::filesystem::path> write_synthetic_dataset(const std::filesystem::path& folder,
                                                           const DatasetOptions& options);

}  // namespace cloudmask
