#pragma once

#include <cstddef>

#include "cloudmask/base/uninitialised.h"
#include "cloudmask/scene/raster_values.h"

namespace cloudmask {

/// The numbers of a raster of one channel as its file has them, inflated: half or a quarter of the memory that values
/// take. A row becomes values when it is asked for, so that what is done to it next finds it in the first cache.
class PackedRaster {
 public:
  /// `raster` must live as long.
  explicit PackedRaster(const RasterValues& raster);

  /// What is to be read before the first row, in any order and from several threads.
  std::size_t pieces() const { return pieces_; }
  /// Throws Error: the file is damaged or ends too early.
  void read(std::size_t piece, ReadingRoom& room);

  void copy_row(std::size_t row, float* out) const;

 private:
  const RasterStorage* storage_;
  std::size_t pieces_ = 0;  ///< chunks, or one; none where the values are in memory already
  std::size_t piece_bytes_ = 0;
  UninitialisedVector<unsigned char> bytes_;  ///< piece after piece
};

}  // namespace cloudmask
