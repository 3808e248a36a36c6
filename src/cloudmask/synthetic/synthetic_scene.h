#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "cloudmask/scene/scene.h"
#include "cloudmask/scene/scene_writer.h"

namespace cloudmask {

/// How scenes differ from the usual ones, to see what methods made for the usual ones lose.
struct SceneVariation {
  /// Share of wrong labels, 0 to 0.5; none: drawn for each scene, 0.09 to 0.14.
  std::optional<double> label_error = std::nullopt;
  double noise = 1;          ///< of the detectors, times the usual, 0 to 100
  double particle_size = 1;  ///< of droplets and crystals, times the usual, 0.25 to 4
};

struct SyntheticOptions {
  int height_px = 1200;
  int width_px = 1500;
  std::uint64_t seed = 1;
  bool night = false;
  SceneVariation variation = {};
};

/// A scene whose clouds are known. The model and its limits are in docs/synthetic.md.
struct SyntheticScene {
  Scene scene;  ///< with truth, surface and a label that is wrong on some of the pixels
  /// `cloud_kind` (0 clear, 1 stratus, 2 cumulus, 3 mid, 4 deep, 5 cirrus) and `surface_temperature_k`.
  std::vector<NamedRaster> extras;
};

/// The same options give the same scene. Throws UsageError for a size below 64 or above 8192 pixels and for variations
/// out of range.
SyntheticScene make_synthetic_scene(const SyntheticOptions& options);

}  // namespace cloudmask
