#pragma once

#include <cstddef>

#include "cloudmask/scene/raster_values.h"

namespace cloudmask {

/// Numbers of a file as its bytes, or as planes of their first, second, ... bytes, which HDF5's shuffle filter has made
/// of them.
struct StoredNumbers {
  const unsigned char* bytes;
  StoredType type;
  bool shuffled;
  std::size_t count;  ///< in all: the length of a plane

  /// The numbers [first, first + wanted) as float32.
  void copy(std::size_t first, std::size_t wanted, float* out) const;
};

}  // namespace cloudmask
