#pragma once

#include <cstddef>
#include <vector>

#include "cloudmask/screening/local_deviation.h"

namespace cloudmask {

/// One value for each block of kBlock_px x kBlock_px pixels; those at the right and lower edge may be smaller. NaN: no
/// value in the block.
struct BlockGrid {
  int rows = 0;
  int columns = 0;
  std::vector<float> values;  ///< [rows, columns]

  std::size_t index(int row, int column) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(columns) + static_cast<std::size_t>(column);
  }
};

inline constexpr int kBlock_px = 25;  ///< wider than most single clouds, narrower than most weather

/// The value below which `share` (0 to 1) of the block's values lie.
BlockGrid block_percentile(const PlaneView& plane, double share, int threads);

/// Over windows of 2 * radius + 1 blocks, of the values that are there.
BlockGrid window_maximum(const BlockGrid& grid, int radius);
BlockGrid window_mean(const BlockGrid& grid, int radius);

/// Bilinear between the centres of the blocks, constant beyond them: `width_px` values of one row of pixels.
void interpolate_row(const BlockGrid& grid, int row, int width_px, float* values);

}  // namespace cloudmask
