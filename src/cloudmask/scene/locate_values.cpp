#include "cloudmask/scene/locate_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "cloudmask/base/error.h"

namespace cloudmask {
namespace {

// Larger ones are left to the library, which needs one at a time; so are chunks that reach far beyond the dataset,
// which would all be in memory with what fills them up.
constexpr std::uint64_t kMaxChunkBytes = std::uint64_t{256} << 20U;
constexpr std::uint64_t kMaxPadding_bytes = std::uint64_t{64} << 20U;
// Up to HDF5 1.12 looking up all chunks takes time with the square of their number.
constexpr std::uint64_t kMaxChunks = 8192;

using Filters = std::vector<H5Z_filter_t>;

void require_inside_file(const RasterStorage& storage, const char* what, std::uint64_t offset, std::uint64_t bytes) {
  if (storage.file->holds(offset, bytes)) return;
  throw Error(
      fmt::format("{}: dataset {} has {} of {} bytes at byte {}, but the file has {}: it is truncated or damaged",
                  storage.file->path().string(), storage.name, what, bytes, offset, storage.file->size_bytes()));
}

// What the library stores before the first byte of HDF5 is not counted in all of its addresses.
bool begins_with_user_block(hid_t dataset) {
  const Hdf5Handle file(H5Iget_file_id(dataset));
  const Hdf5Handle properties(H5Fget_create_plist(file.get()));
  hsize_t user_block_bytes = 0;
  return H5Pget_userblock(properties.get(), &user_block_bytes) < 0 || user_block_bytes != 0;
}

bool locate_contiguous(hid_t dataset, RasterStorage& storage) {
  const haddr_t offset = H5Dget_offset(dataset);
  const std::uint64_t bytes = H5Dget_storage_size(dataset);
  if (offset == HADDR_UNDEF ||
      bytes / bytes_a_number(storage.type) != storage.height_px * storage.width_px * storage.channels) {
    return false;
  }
  require_inside_file(storage, "values", offset, bytes);
  storage.place = ContiguousValues{offset};
  return true;
}

// Nothing when one of them is not known here.
std::optional<Filters> known_filters(hid_t properties) {
  Filters filters;
  for (int i = 0; i < H5Pget_nfilters(properties); ++i) {
    unsigned flags = 0;
    std::size_t parameters = 0;
    filters.push_back(
        H5Pget_filter2(properties, static_cast<unsigned>(i), &flags, &parameters, nullptr, 0, nullptr, nullptr));
  }
  const bool known = filters.empty() || filters == Filters{H5Z_FILTER_DEFLATE} ||
                     filters == Filters{H5Z_FILTER_SHUFFLE} ||
                     filters == Filters{H5Z_FILTER_SHUFFLE, H5Z_FILTER_DEFLATE};
  return known ? std::optional(filters) : std::nullopt;
}

// Rows, columns and channels of anything that has the dataset's axes.
std::array<std::uint64_t, 3> by_axis(const RasterStorage& storage, const std::vector<hsize_t>& numbers,
                                     hsize_t otherwise) {
  if (numbers.size() == 2) return {numbers[0], numbers[1], otherwise};
  if (storage.channels_first) return {numbers[1], numbers[2], numbers[0]};
  return {numbers[0], numbers[1], numbers[2]};
}

// The chunk's place in the grid, if it says the truth about itself.
std::optional<StoredChunk> chunk_of(const Filters& filters, unsigned skipped, haddr_t offset, hsize_t size_bytes,
                                    std::uint64_t plain_bytes) {
  StoredChunk chunk{.offset = offset, .size_bytes = size_bytes};
  for (std::size_t i = 0; i < filters.size(); ++i) {
    const bool applied = (skipped >> i & 1U) == 0;
    if (filters[i] == H5Z_FILTER_DEFLATE) chunk.deflated = applied;
    if (filters[i] == H5Z_FILTER_SHUFFLE) chunk.shuffled = applied;
  }
  if (offset == HADDR_UNDEF || (!chunk.deflated && size_bytes != plain_bytes)) return std::nullopt;
  return chunk;
}

bool locate_chunks(hid_t dataset, hid_t properties, RasterStorage& storage) {
  const Hdf5Handle space(H5Dget_space(dataset));
  const int rank = H5Sget_simple_extent_ndims(space.get());
  const auto filters = known_filters(properties);
  if (!filters || rank < 2 || rank > 3) return false;
  std::vector<hsize_t> lengths(static_cast<std::size_t>(rank));
  if (H5Pget_chunk(properties, rank, lengths.data()) != rank) return false;
  const auto [rows, columns, channels] = by_axis(storage, lengths, 1);
  const std::uint64_t plain_bytes =
      rows * columns * channels * bytes_a_number(storage.type);  // Raster has seen to its size
  const std::uint64_t across = (storage.width_px + columns - 1) / columns;
  const std::uint64_t deep = (storage.channels + channels - 1) / channels;
  const std::uint64_t count = (storage.height_px + rows - 1) / rows * across * deep;
  const std::uint64_t value_bytes =
      storage.height_px * storage.width_px * storage.channels * bytes_a_number(storage.type);
  hsize_t stored = 0;
  // Chunks that were never written hold the fill value of the dataset.
  if (plain_bytes > kMaxChunkBytes || count > kMaxChunks || channels > storage.channels ||
      count * plain_bytes > 4 * value_bytes + kMaxPadding_bytes ||
      H5Dget_num_chunks(dataset, space.get(), &stored) < 0 || stored != count) {
    return false;
  }
  std::vector<std::optional<StoredChunk>> chunks(count);
  std::vector<hsize_t> first(lengths.size());
  for (hsize_t i = 0; i < count; ++i) {
    unsigned skipped = 0;
    haddr_t offset = HADDR_UNDEF;
    hsize_t size_bytes = 0;
    if (H5Dget_chunk_info(dataset, space.get(), i, first.data(), &skipped, &offset, &size_bytes) < 0) return false;
    const auto [row, column, channel] = by_axis(storage, first, 0);
    if (row >= storage.height_px || column >= storage.width_px || channel >= storage.channels) return false;
    require_inside_file(storage, "a chunk", offset, size_bytes);
    chunks[(row / rows * across + column / columns) * deep + channel / channels] =
        chunk_of(*filters, skipped, offset, size_bytes, plain_bytes);
  }
  ChunkGrid grid{.rows_px = rows, .columns_px = columns, .channels = channels, .chunks = {}};
  for (const auto& chunk : chunks) {
    if (!chunk) return false;
    grid.chunks.push_back(*chunk);
  }
  storage.place = std::move(grid);
  return true;
}

std::optional<StoredType> stored_type(hid_t dataset) {
  const std::pair<hid_t, StoredType> known[] = {
      {H5T_NATIVE_FLOAT, StoredType::kFloat32}, {H5T_NATIVE_DOUBLE, StoredType::kFloat64},
      {H5T_NATIVE_INT8, StoredType::kInt8},     {H5T_NATIVE_UINT8, StoredType::kUint8},
      {H5T_NATIVE_INT16, StoredType::kInt16},   {H5T_NATIVE_UINT16, StoredType::kUint16},
      {H5T_NATIVE_INT32, StoredType::kInt32}};
  const Hdf5Handle found(H5Dget_type(dataset));
  for (const auto& [type, meaning] : known) {
    if (H5Tequal(found.get(), type) > 0) return meaning;
  }
  return std::nullopt;
}

}  // namespace

bool locate_values(hid_t dataset, RasterStorage& storage) {
  const std::optional<StoredType> type = stored_type(dataset);
  const Hdf5Handle properties(H5Dget_create_plist(dataset));
  if (!type || begins_with_user_block(dataset)) return false;
  storage.type = *type;
  if (H5Pget_layout(properties.get()) == H5D_CONTIGUOUS) return locate_contiguous(dataset, storage);
  return H5Pget_layout(properties.get()) == H5D_CHUNKED && locate_chunks(dataset, properties.get(), storage);
}

}  // namespace cloudmask
