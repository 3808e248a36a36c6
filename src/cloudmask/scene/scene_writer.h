#pragma once

#include <filesystem>
#include <vector>

#include "cloudmask/scene/scene.h"

namespace cloudmask {

/// Extra rasters that only synthetic scenes have.
struct NamedRaster {
  std::string name;           ///< of the dataset
  std::string description;    ///< its attribute
  std::vector<float> values;  ///< [H,W]
};

/// How to write a scene.
struct WriteOptions {
  bool reflectance_500m = false;  ///< each 1 km reflectance is written as 2x2 equal values
  bool full = false;              ///< also `rads` and `summary`, as the benchmark's files have (unused by every reader)
  int deflate_level = 0;          ///< 0: contiguous
};

/// Writes the benchmark's HDF5 form: `bts`, `refs`, `bayes`, and `truth`, `surface` and the extras where there are any.
/// Whole or not at all. Throws Error.
void write_scene(const std::filesystem::path& file, const Scene& scene, const std::vector<NamedRaster>& extras = {},
                 const WriteOptions& options = {});

}  // namespace cloudmask
