#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cloudmask/scene/scene.h"

namespace cloudmask {

/// A raster of a scene file that is no part of Scene, such as `cloud_kind` or `surface_temperature_k` of synthetic
/// ones: [H,W]; empty when the file has none. Throws Error when it is malformed or not of the scene's size.
std::vector<float> read_named_raster(const std::filesystem::path& file, const std::string& name, const Scene& scene);

}  // namespace cloudmask
