#include "cloudmask/scene/raster_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cloudmask/base/error.h"
#include "cloudmask/base/parallel_for.h"
#include "cloudmask/scene/stored_numbers.h"

namespace cloudmask {
namespace {

// Values that stay in the cache of a core between reading and what follows.
constexpr std::size_t kBandBytes = std::size_t{256} << 10U;

std::size_t divided_up(std::size_t value, std::size_t by) { return (value + by - 1) / by; }

// Even, because pixels of 500 m are averaged in pairs of rows.
std::size_t band_rows_of(const RasterStorage& storage) {
  if (const auto* grid = std::get_if<ChunkGrid>(&storage.place))
    return grid->rows_px + grid->rows_px % 2 * grid->rows_px;
  const std::size_t row_bytes = storage.width_px * storage.channels * sizeof(float);
  return std::max<std::size_t>(2, kBandBytes / row_bytes / 2 * 2);
}

// A box of pixels and channels, in a band or a chunk.
struct Box {
  std::size_t rows;
  std::size_t columns;
  std::size_t channels;
};

// [channels, rows, columns] of a chunk into the first channel of `out`, whose pixels and rows are so far apart.
void copy_channels_first(const StoredNumbers& from, const Box& chunk, const Box& wanted, std::size_t channels,
                         std::size_t row_values, float* out, UninitialisedVector<float>& run) {
  run.resize(std::max(run.size(), wanted.columns));
  for (std::size_t channel = 0; channel < wanted.channels; ++channel) {
    for (std::size_t row = 0; row < wanted.rows; ++row) {
      from.copy((channel * chunk.rows + row) * chunk.columns, wanted.columns, run.data());
      float* to = out + row * row_values + channel;
      for (std::size_t column = 0; column < wanted.columns; ++column) to[column * channels] = run[column];
    }
  }
}

// [rows, columns, channels] of a chunk.
void copy_channels_last(const StoredNumbers& from, const Box& chunk, const Box& wanted, std::size_t channels,
                        std::size_t row_values, float* out, UninitialisedVector<float>& run) {
  const std::size_t count = wanted.columns * chunk.channels;
  run.resize(std::max(run.size(), count));
  for (std::size_t row = 0; row < wanted.rows; ++row) {
    float* to = out + row * row_values;
    const std::size_t first = row * chunk.columns * chunk.channels;
    if (chunk.channels == channels) {
      from.copy(first, count, to);
      continue;
    }
    from.copy(first, count, run.data());
    for (std::size_t column = 0; column < wanted.columns; ++column) {
      for (std::size_t channel = 0; channel < wanted.channels; ++channel) {
        to[column * channels + channel] = run[column * chunk.channels + channel];
      }
    }
  }
}

}  // namespace

void ValueCoding::decode(float* values, std::size_t count) const {
  if (scale == 1 && offset == 0 && fill != fill && missing != missing) return;
  const ValueCoding coding = *this;  // which no value is stored into
  for (std::size_t i = 0; i < count; ++i) {
    const bool valid = (values[i] != coding.fill) & (values[i] != coding.missing);  // always true where they are NaN
    const float value = values[i] * coding.scale + coding.offset;
    values[i] = valid ? value : std::numeric_limits<float>::quiet_NaN();
  }
}

void inflate_chunk(const RasterStorage& storage, const StoredChunk& chunk, std::size_t bytes, ReadingRoom& room,
                   unsigned char* plain) {
  if (!chunk.deflated) {
    storage.file->read_at(chunk.offset, plain, bytes);
    return;
  }
  room.packed.resize(std::max<std::size_t>(room.packed.size(), chunk.size_bytes));
  storage.file->read_at(chunk.offset, room.packed.data(), chunk.size_bytes);
  if (room.inflater.inflate(room.packed.data(), chunk.size_bytes, plain, bytes)) return;
  throw Error(
      fmt::format("{}: dataset {} has a damaged chunk at byte {}: it does not inflate to {} bytes; get the file again",
                  storage.file->path().string(), storage.name, chunk.offset, bytes));
}

RasterValues::RasterValues(RasterStorage storage)
    : storage_(std::move(storage)), band_rows_px_(band_rows_of(storage_)) {}

std::size_t RasterValues::rows_of(std::size_t band) const {
  return std::min(band_rows_px_, storage_.height_px - band * band_rows_px_);
}

const float* RasterValues::band(std::size_t band, float* room, ReadingRooms& rooms, int threads) const {
  const std::size_t first_row = band * band_rows_px_;
  const std::size_t rows = rows_of(band);
  if (const auto* loaded = std::get_if<LoadedValues>(&storage_.place)) return loaded->data() + first_row * row_values();
  if (const auto* contiguous = std::get_if<ContiguousValues>(&storage_.place)) {
    read_contiguous(*contiguous, first_row, rows, room, rooms);
  } else {
    const auto& grid = std::get<ChunkGrid>(storage_.place);
    const std::size_t chunks_a_row =
        divided_up(storage_.width_px, grid.columns_px) * divided_up(storage_.channels, grid.channels);
    const std::size_t first_chunk = first_row / grid.rows_px * chunks_a_row;
    const auto read_one = [&](std::size_t i) { read_chunk(grid, first_chunk + i, room, *rooms.lend()); };
    parallel_for(divided_up(rows, grid.rows_px) * chunks_a_row, read_one, threads);
  }
  storage_.coding.decode(room, rows * row_values());
  return room;
}

void RasterValues::read_contiguous(const ContiguousValues& place, std::size_t first_row, std::size_t rows, float* out,
                                   ReadingRooms& rooms) const {
  const std::size_t channels = storage_.channels;
  if (!storage_.channels_first) {
    read_numbers(place, first_row * row_values(), rows * row_values(), out, rooms);
    return;
  }
  const auto room = rooms.lend();
  const std::size_t pixels = rows * storage_.width_px;
  room->values.resize(std::max(room->values.size(), pixels));
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const std::size_t first_pixel = (channel * storage_.height_px + first_row) * storage_.width_px;
    read_numbers(place, first_pixel, pixels, room->values.data(), rooms);
    for (std::size_t pixel = 0; pixel < pixels; ++pixel) out[pixel * channels + channel] = room->values[pixel];
  }
}

void RasterValues::read_numbers(const ContiguousValues& place, std::size_t first, std::size_t count, float* out,
                                ReadingRooms& rooms) const {
  const std::size_t number_bytes = bytes_a_number(storage_.type);
  const std::uint64_t offset = place.offset + first * number_bytes;
  if (storage_.type == StoredType::kFloat32) {
    storage_.file->read_at(offset, out, count * number_bytes);
    return;
  }
  const auto room = rooms.lend();
  room->packed.resize(std::max(room->packed.size(), count * number_bytes));
  storage_.file->read_at(offset, room->packed.data(), count * number_bytes);
  StoredNumbers{room->packed.data(), storage_.type, /*shuffled=*/false, count}.copy(0, count, out);
}

void RasterValues::read_chunk(const ChunkGrid& grid, std::size_t number, float* band, ReadingRoom& room) const {
  const std::size_t across = divided_up(storage_.width_px, grid.columns_px);
  const std::size_t deep = divided_up(storage_.channels, grid.channels);
  const std::size_t row = number / (across * deep) * grid.rows_px;
  const std::size_t column = number / deep % across * grid.columns_px;
  const std::size_t channel = number % deep * grid.channels;
  const StoredChunk& chunk = grid.chunks[number];
  const Box whole{grid.rows_px, grid.columns_px, grid.channels};
  const Box wanted{std::min(grid.rows_px, storage_.height_px - row),
                   std::min(grid.columns_px, storage_.width_px - column),
                   std::min(grid.channels, storage_.channels - channel)};
  const std::size_t values = whole.rows * whole.columns * whole.channels;
  const std::size_t bytes = values * bytes_a_number(storage_.type);
  room.plain.resize(std::max(room.plain.size(), bytes));
  inflate_chunk(storage_, chunk, bytes, room, room.plain.data());
  const StoredNumbers plain{room.plain.data(), storage_.type, chunk.shuffled, values};
  float* const out = band + row % band_rows_px_ * row_values() + column * storage_.channels + channel;
  const auto copy = storage_.channels_first ? copy_channels_first : copy_channels_last;
  copy(plain, whole, wanted, storage_.channels, row_values(), out, room.values);
}

}  // namespace cloudmask
