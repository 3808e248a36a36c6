#pragma once

#include <array>

#include "cloudmask/kernels/float_buffer.h"
#include "cloudmask/kernels/kernel_set.h"

namespace cloudmask {

/// A batch of maps, [batch][height][width][channels] in KernelSet::element, without gaps.
struct Maps {
  const void* values = nullptr;
  const void* gate = nullptr;  ///< same shape: where it is not positive the value counts as 0 (ReLU's gradient)
  int batch = 0;
  int height = 0;
  int width = 0;
  int channels = 0;
};

/// A rectangle of tiles of one image.
struct TileBlock {
  int image = 0;
  int first_row = 0;
  int rows = 0;
  int first_column = 0;
  int columns = 0;

  int tiles() const { return rows * columns; }
};

/// The tiles of 4x4 pixels of a batch, cut into blocks.
class TileBlocks {
 public:
  /// Of maps of `height` x `width`, about `tiles` in a block: few stay in the second cache while the products over
  /// channels pass, many make each worth fetching all weights.
  TileBlocks(int batch, int height, int width, int tiles);

  std::int64_t count() const { return static_cast<std::int64_t>(batch_) * row_blocks_ * column_blocks_; }
  TileBlock at(std::int64_t index) const;
  std::int64_t tiles() const { return static_cast<std::int64_t>(batch_) * rows_ * columns_; }
  int largest() const { return largest_; }

 private:
  int batch_;
  int rows_;
  int columns_;
  int row_blocks_ = 0;
  int column_blocks_ = 0;
  int largest_ = 0;
};

enum class TileKind {
  kInput,        ///< 6x6 pixels under each tile of outputs
  kPairedInput,  ///< the same, without the positions that vanish in pairs
  kUpsampled,    ///< of a map of half the size
  kGradient,     ///< 4x4 pixels of an output's gradient
};

/// Whether anything is at a position of such tiles.
constexpr bool has_position(TileKind kind, int position) {
  const bool paired = kind == TileKind::kPairedInput || kind == TileKind::kUpsampled;
  return !paired || !vanishes_in_pairs(position);
}

/// Room for the transformed tiles of one block.
class TileBuffer {
 public:
  TileBuffer(int tiles, int channels, std::pmr::memory_resource* memory);

  TileValues values() { return {values_.data(), position_stride_, tile_stride_}; }
  float* at(int position) { return values_.data() + position * position_stride_; }
  std::ptrdiff_t tile_stride() const { return tile_stride_; }

 private:
  std::ptrdiff_t tile_stride_;
  std::ptrdiff_t position_stride_;
  FloatBuffer values_;
};

/// Which of KernelSet's transforms, and the pixels that it takes.
struct TileTransform {
  void (*run)(const TileRow& row) = nullptr;
  int rows = 0;   ///< of pixels under a row of tiles
  int step = 0;   ///< pixels from one tile to the next
  int first = 0;  ///< row of pixels under tile row 0
};

/// One worker's way to the transformed tiles of some maps. Rows behind a gate are gated once for all tiles.
class TileSource {
 public:
  TileSource(const KernelSet& kernels, const Maps& maps, TileKind kind, std::pmr::memory_resource* memory);

  /// Transforms what lies under the block.
  void fill(const TileBlock& block, TileBuffer& tiles);

 private:
  static constexpr int kNoRow = -1;
  const void* pixels(int image, int pixel_row, int begin, int end);

  const KernelSet& kernels_;
  Maps maps_;
  TileTransform transform_;
  std::pmr::memory_resource* memory_;
  FloatBuffer gated_;                    // rows of a block, row r in slot r % 6
  std::array<int, kTileInputs> held_{};  // which row lies there
};

/// KernelSet::multiply for any number of rows: in groups of nearly equal size that it can take.
void multiply_all_rows(const KernelSet& kernels, const Product& product, const Sums& sums);

/// Channels as the transforms write them: whole vectors of any processor.
constexpr int padded_channels(int channels) { return (channels + 15) / 16 * 16; }

}  // namespace cloudmask
