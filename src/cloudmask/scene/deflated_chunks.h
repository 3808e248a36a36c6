#pragma once

#include <hdf5.h>

#include <cstddef>
#include <vector>

namespace cloudmask {

/// Fills a dataset whose chunks are cut along one axis alone and go through HDF5's shuffle and deflate filters: makes
/// the chunks in as many threads as there are cores, where the library makes one after the other. `values`, of
/// `number_bytes` each, are as they shall lie in the file. The same values give the same bytes. False where the library
/// cannot write. Hold an Hdf5Lock.
bool write_deflated(hid_t dataset, const std::vector<hsize_t>& shape, const std::vector<hsize_t>& chunk,
                    std::size_t number_bytes, int level, const void* values);

}  // namespace cloudmask
