#pragma once

#include <filesystem>

#include "cloudmask/base/hdf5_handle.h"
#include "cloudmask/scene/mask_file.h"

namespace cloudmask {

/// The variable of the probabilities in a CF mask.
inline constexpr const char* kCfProbability = "cloud_probability";

/// Where a mask came from, as attributes of the dataset that holds its probabilities. Throws Error.
void write_origin(hid_t dataset, const MaskOrigin& origin);

/// A mask after the Climate and Forecast conventions 1.8 (cfconventions.org), as netCDF-4, which is HDF5: dimensions
/// y, x; `cloud_probability` float32, NaN no data; `cloud_mask` int8, 1 cloud, 0 clear, -1 no data; `flags` int32 where
/// the mask has them; `latitude` and `longitude` where they are known, by these names because SNAP, satpy, xarray and
/// GDAL all find them so. Times are the attributes time_coverage_start and time_coverage_end (ACDD). Into the new
/// `file_id`; `file` is named in errors. Hold an Hdf5Lock. Throws Error.
void write_cf_mask(const std::filesystem::path& file, hid_t file_id, const Mask& mask, const MaskOrigin& origin,
                   const Geolocation& geolocation);

}  // namespace cloudmask
