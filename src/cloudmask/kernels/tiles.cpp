#include "cloudmask/kernels/tiles.h"

#include <algorithm>

namespace cloudmask {
namespace {

using Index = std::ptrdiff_t;

int divide_up(int value, int divisor) { return (value + divisor - 1) / divisor; }

// An odd number of cache lines: tiles at a power of two would all lie in the same few places of the caches.
Index odd_lines(int channels) {
  constexpr Index kLine = 16;
  const Index lines = padded_channels(channels) / kLine;
  return (lines % 2 == 0 ? lines + 1 : lines) * kLine;
}

TileTransform transform_of(const KernelSet& kernels, TileKind kind) {
  switch (kind) {
    case TileKind::kPairedInput:
      return {kernels.paired_input_tiles, 6, 4, -1};
    case TileKind::kUpsampled:
      return {kernels.upsampled_tiles, 4, 2, -1};
    case TileKind::kGradient:
      return {kernels.gradient_tiles, 4, 4, 0};
    case TileKind::kInput:
      break;
  }
  return {kernels.input_tiles, 6, 4, -1};
}

}  // namespace

TileBlocks::TileBlocks(int batch, int height, int width, int tiles)
    : batch_(batch), rows_(divide_up(height, kTileOutputs)), columns_(divide_up(width, kTileOutputs)) {
  if (rows_ == 0 || columns_ == 0) return;
  column_blocks_ = divide_up(columns_, tiles);
  const int columns = divide_up(columns_, column_blocks_);
  row_blocks_ = divide_up(rows_, std::max(1, tiles / columns));
  largest_ = columns * divide_up(rows_, row_blocks_);
}

TileBlock TileBlocks::at(std::int64_t index) const {
  const int column = static_cast<int>(index % column_blocks_);
  const int row = static_cast<int>(index / column_blocks_ % row_blocks_);
  TileBlock block;  // of nearly equal size
  block.image = static_cast<int>(index / column_blocks_ / row_blocks_);
  block.first_row = rows_ * row / row_blocks_;
  block.rows = rows_ * (row + 1) / row_blocks_ - block.first_row;
  block.first_column = columns_ * column / column_blocks_;
  block.columns = columns_ * (column + 1) / column_blocks_ - block.first_column;
  return block;
}

TileBuffer::TileBuffer(int tiles, int channels, std::pmr::memory_resource* memory)
    : tile_stride_(odd_lines(channels)),
      position_stride_(tiles * tile_stride_ + (tiles % 2 == 0 ? 16 : 0)),
      values_(static_cast<std::size_t>(kTilePositions * position_stride_), memory) {}

TileSource::TileSource(const KernelSet& kernels, const Maps& maps, TileKind kind, std::pmr::memory_resource* memory)
    : kernels_(kernels), maps_(maps), transform_(transform_of(kernels, kind)), memory_(memory) {}

void TileSource::fill(const TileBlock& block, TileBuffer& tiles) {
  TileRow row;
  row.channels = maps_.channels;
  row.first_tile = block.first_column;
  row.tiles = block.columns;
  // The pixels under the block, one more on each side.
  row.first_pixel = std::max(transform_.step * block.first_column - 1, 0);
  row.width = std::min(transform_.step * (block.first_column + block.columns) + 1, maps_.width);
  row.to = tiles.values();
  held_.fill(kNoRow);
  for (int tile_row = block.first_row; tile_row < block.first_row + block.rows; ++tile_row) {
    for (int y = 0; y < transform_.rows; ++y) {
      const int pixel_row = transform_.step * tile_row + transform_.first + y;
      row.pixels[y] = pixels(block.image, pixel_row, row.first_pixel, row.width);
    }
    transform_.run(row);
    row.to.values += block.columns * row.to.tile_stride;
  }
}

const void* TileSource::pixels(int image, int pixel_row, int begin, int end) {
  if (pixel_row < 0 || pixel_row >= maps_.height) return nullptr;
  const Index first = (static_cast<Index>(image) * maps_.height + pixel_row) * maps_.width + begin;
  const Index offset_bytes = first * maps_.channels * kernels_.element_bytes();
  const void* const values = static_cast<const char*>(maps_.values) + offset_bytes;
  if (maps_.gate == nullptr) return values;
  const Index count = static_cast<Index>(end - begin) * maps_.channels;
  const Index row_floats = odd_lines(static_cast<int>(count));  // each element takes a float's room at most
  const auto size = static_cast<std::size_t>(kTileInputs * row_floats);
  if (gated_.size() < size) gated_ = FloatBuffer(size, memory_);
  const auto slot = static_cast<std::size_t>(pixel_row % kTileInputs);
  float* const to = gated_.data() + static_cast<Index>(slot) * row_floats;
  if (held_[slot] != pixel_row) {
    kernels_.gate(values, static_cast<const char*>(maps_.gate) + offset_bytes, count, to);
    held_[slot] = pixel_row;
  }
  return to;
}

void multiply_all_rows(const KernelSet& kernels, const Product& product, const Sums& sums) {
  const int groups = divide_up(sums.rows, kernels.tile_rows);
  for (int group = 0; group < groups; ++group) {
    const int begin = sums.rows * group / groups;
    Product part = product;
    part.left += begin * product.row_stride;
    Sums part_sums = sums;
    part_sums.data += begin * sums.row_stride;
    part_sums.rows = sums.rows * (group + 1) / groups - begin;
    kernels.multiply(part, part_sums);
  }
}

}  // namespace cloudmask
