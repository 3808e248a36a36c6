#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "cloudmask/scene/scene.h"
#include "cloudmask/scene/scene_writer.h"

namespace cloudmask {

struct SyntheticOptions {
  int height_px = 1200;
  int width_px = 1500;
  std::uint64_t seed = 1;
  bool night = false;
  /// Share of wrong labels, 0 to 0.5; none: drawn for each scene, 0.09 to 0.14.
  std::optional<double> label_error = std::nullopt;
};

/// A scene whose clouds are known. The model and its limits are in docs/synthetic.md.
struct SyntheticScene {
  Scene scene;  ///< with truth, surface and a label that is wrong on `label_error` of the pixels
  /// `cloud_kind` (0 clear, 1 stratus, 2 cumulus, 3 mid, 4 deep, 5 cirrus) and `surface_temperature_k`.
  std::vector<NamedRaster> extras;
};

/// The same options give the same scene. Throws UsageError for a size below 64 or above 8192 pixels.
SyntheticScene make_synthetic_scene(const SyntheticOptions& options);

}  // namespace cloudmask
