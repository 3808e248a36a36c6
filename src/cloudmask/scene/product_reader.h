#pragma once

#include <filesystem>
#include <vector>

#include "cloudmask/scene/scene.h"
#include "cloudmask/scene/scene_reader.h"

namespace cloudmask {

/// Reads a view of an ESA Level-1 product (SL_1_RBT, a .SEN3 folder or an archive of one) on its 1 km grid: reflectance
/// from the radiance of stripe A at 500 m, the solar irradiance of each detector and the sun's zenith angle, averaged
/// 2x2, missing where the sun is lower than 5 degrees; brightness temperature of S7 to S9. Pixels with exceptions are
/// missing. The label is `bayes_i?` where it is populated, the surface comes from `confidence_i?` (n or o: the view).
/// Throws Error: see locate_product; no pixel is valid; a label is needed and not there.
Scene read_product(const std::filesystem::path& product, const ReadOptions& options);

/// What read_product would find; of all rasters only `bayes_i?` is read, which tells by its values whether it is there.
SceneInfo inspect_product(const std::filesystem::path& product, const ReadOptions& options);

/// The files of a product folder that reading the view takes, as far as they exist; an archive itself.
std::vector<std::filesystem::path> product_parts(const std::filesystem::path& product, View view);

}  // namespace cloudmask
