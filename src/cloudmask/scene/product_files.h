#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cloudmask/scene/product_pixels.h"
#include "cloudmask/scene/raster_values.h"
#include "cloudmask/scene/scene.h"
#include "cloudmask/scene/scene_reader.h"

namespace cloudmask {

/// A channel, with the exceptions of its pixels (bits; see drop_exceptions).
struct ProductChannel {
  RasterValues values;
  RasterValues exceptions;
};

/// Tie points, and where they lie: tie row 0 is at 1 km row `first_row`, tie column 0 at column `first_px`.
struct ProductTies {
  RasterValues values;
  std::ptrdiff_t first_row = 0;
  std::ptrdiff_t first_px = 0;
};

/// One view of a product, its rasters located in their files and checked against each other.
struct ProductValues {
  std::size_t height_px = 0;  ///< of the 1 km grid
  std::size_t width_px = 0;
  std::string start_time;
  std::string stop_time;
  FineGrid fine;
  std::vector<ProductChannel> radiance;     ///< S1 to S6, stripe A at 500 m
  std::vector<ProductChannel> temperature;  ///< S7 to S9 in K
  std::vector<DetectorGains> gains;         ///< of S1 to S6
  std::optional<RasterValues> detector;     ///< on the 500 m grid
  ProductTies sun_zenith;
  std::optional<ProductTies> view_zenith;
  std::optional<RasterValues> latitude;
  std::optional<RasterValues> longitude;
  std::optional<RasterValues> bayes;
  std::optional<RasterValues> confidence;
};

/// The files that reading a view takes, by name.
std::vector<std::string> product_file_names(View view);

/// Opens what `options` want of `folder`, in which `product` lies. Solar irradiance that is not given is the default of
/// the channel, with a warning. Throws Error naming file, variable, what was found and wanted: a file is missing or
/// truncated, the sizes disagree, `product` is of another kind.
ProductValues locate_product(const std::filesystem::path& folder, const std::filesystem::path& product,
                             const ReadOptions& options);

}  // namespace cloudmask
