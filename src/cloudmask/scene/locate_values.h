#pragma once

#include "cloudmask/base/hdf5_handle.h"
#include "cloudmask/scene/raster_values.h"

namespace cloudmask {

/// Fills in type and place of a dataset whose bytes can be taken from the file as they are: a StoredType, contiguous,
/// or in chunks without filter or with deflate, shuffle or both. False for all others, which only the HDF5 library can
/// read. Throws Error: a part lies beyond the end of the file. Hold an Hdf5Lock.
bool locate_values(hid_t dataset, RasterStorage& storage);

}  // namespace cloudmask
