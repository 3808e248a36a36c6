#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cloudmask/scene/mask_file.h"
#include "cloudmask/scene/scene.h"

namespace cloudmask {

/// A way of finding clouds, by the masks that it made.
struct Method {
  std::string name;
  std::filesystem::path masks;  ///< folder of `<scene file name>.h5` or `.nc`; empty: the labels that scenes carry
};

/// What a method says of one scene.
struct MethodMask {
  Mask mask;  ///< NaN where the scene has no data
  double threshold = 0.5;

  bool judges(std::size_t pixel) const;
  bool calls_cloud(std::size_t pixel) const;
};

/// One of each method. `threshold` replaces those that the masks were made for; labels have 0.5. Throws Error: a mask
/// that is missing, malformed or not of the scene's size.
std::vector<MethodMask> read_method_masks(const Scene& scene, const std::vector<Method>& methods,
                                          const std::optional<double>& threshold);

}  // namespace cloudmask
