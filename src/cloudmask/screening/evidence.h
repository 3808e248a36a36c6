#pragma once

#include <cstdint>
#include <vector>

#include "cloudmask/screening/scene_features.h"
#include "cloudmask/screening/threshold_tests.h"

namespace cloudmask {

/// What the threshold tests find in a scene.
struct Evidence {
  UninitialisedVector<float> cloud;  ///< [H,W] 1 - product over the tests of (1 - evidence), 0 to 1; NaN: missing
  UninitialisedVector<std::uint16_t> flags;  ///< [H,W] bit of each test that calls the pixel cloud
};

/// Uses nothing but the features: no label, no truth, no map. `threads` 0: as many as there are cores.
Evidence weigh_evidence(const SceneFeatures& features, const ThresholdTests& tests = default_threshold_tests(),
                        int threads = 0);

/// Pixels that are almost certainly clear or cloudy, to learn from without labels: [H,W] kClear, kCloud, kUnknown
/// (scene.h). Cloud: evidence above 0.97. Clear: evidence below 0.05, no cloud seed within 2 pixels, and a deviation of
/// S8 in 3x3 pixels below 0.6 K (coasts and mountains, but also the rims of clouds). Clear seeds are the purer ones:
/// docs/classical.md has figures.
std::vector<std::uint8_t> find_seeds(const SceneFeatures& features, const Evidence& evidence);

}  // namespace cloudmask
