#pragma once

#include <string>

#include "cloudmask/screening/scene_features.h"

namespace cloudmask {

/// What speaks against a mask, in words, empty when nothing does: a cloud fraction outside 0.02 to 0.98; cloud that is
/// warmer than clear pixels against the background, or in daylight darker in S1 or S4 (snow left out). A mask that is
/// upside down shows so.
std::string describe_doubts(const SceneFeatures& features, const float* cloud_probability, double threshold);

/// Logs them as a warning that names the scene.
void warn_of_doubts(const std::string& scene, const SceneFeatures& features, const float* cloud_probability,
                    double threshold);

}  // namespace cloudmask
