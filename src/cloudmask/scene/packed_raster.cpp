#include "cloudmask/scene/packed_raster.h"

#include <algorithm>

#include "cloudmask/base/error.h"
#include "cloudmask/scene/stored_numbers.h"

namespace cloudmask {

PackedRaster::PackedRaster(const RasterValues& raster) : storage_(&raster.storage()) {
  CM_CHECK(storage_->channels == 1);
  const std::size_t number_bytes = bytes_a_number(storage_->type);
  if (const auto* grid = std::get_if<ChunkGrid>(&storage_->place)) {
    pieces_ = grid->chunks.size();
    piece_bytes_ = grid->rows_px * grid->columns_px * number_bytes;
  } else if (std::holds_alternative<ContiguousValues>(storage_->place)) {
    pieces_ = 1;
    piece_bytes_ = storage_->height_px * storage_->width_px * number_bytes;
  }
  bytes_.resize(pieces_ * piece_bytes_);
}

void PackedRaster::read(std::size_t piece, ReadingRoom& room) {
  unsigned char* const place = &bytes_[piece * piece_bytes_];
  if (const auto* grid = std::get_if<ChunkGrid>(&storage_->place)) {
    inflate_chunk(*storage_, grid->chunks[piece], piece_bytes_, room, place);
  } else {
    storage_->file->read_at(std::get<ContiguousValues>(storage_->place).offset, place, piece_bytes_);
  }
}

void PackedRaster::copy_row(std::size_t row, float* out) const {
  const std::size_t width = storage_->width_px;
  if (const auto* loaded = std::get_if<LoadedValues>(&storage_->place)) {
    std::copy_n(loaded->data() + row * width, width, out);
    return;
  }
  if (const auto* grid = std::get_if<ChunkGrid>(&storage_->place)) {
    const std::size_t across = (width + grid->columns_px - 1) / grid->columns_px;
    for (std::size_t i = 0; i < across; ++i) {
      const std::size_t piece = row / grid->rows_px * across + i;
      const std::size_t column = i * grid->columns_px;
      const StoredNumbers chunk{&bytes_[piece * piece_bytes_], storage_->type, grid->chunks[piece].shuffled,
                                grid->rows_px * grid->columns_px};
      chunk.copy(row % grid->rows_px * grid->columns_px, std::min(grid->columns_px, width - column), out + column);
    }
  } else {
    const std::size_t count = storage_->height_px * width;
    StoredNumbers{bytes_.data(), storage_->type, /*shuffled=*/false, count}.copy(row * width, width, out);
  }
  storage_->coding.decode(out, width);
}

}  // namespace cloudmask
