#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "cloudmask/base/object_pool.h"
#include "cloudmask/base/read_only_file.h"
#include "cloudmask/base/uninitialised.h"
#include "cloudmask/scene/inflater.h"

namespace cloudmask {

/// How the numbers of a file become values: number * scale + offset, or NaN where it stands for none.
struct ValueCoding {
  float fill = std::numeric_limits<float>::quiet_NaN();
  float missing = std::numeric_limits<float>::quiet_NaN();
  float scale = 1;
  float offset = 0;

  void decode(float* values, std::size_t count) const;
};

/// Numbers as they lie in the file, in this machine's byte order.
enum class StoredType { kFloat32, kFloat64, kInt8, kUint8, kInt16, kUint16, kInt32 };
std::size_t bytes_a_number(StoredType type);

/// One chunk of a dataset as it lies in the file.
struct StoredChunk {
  std::uint64_t offset = 0;
  std::uint64_t size_bytes = 0;
  bool deflated = false;
  bool shuffled = false;
};

/// All chunks of a dataset: a regular grid, clipped at the dataset's end; [rows, columns, channels] of it row by row.
struct ChunkGrid {
  std::size_t rows_px = 0;  ///< of one chunk, like the next two
  std::size_t columns_px = 0;
  std::size_t channels = 0;
  std::vector<StoredChunk> chunks;
};

struct ContiguousValues {
  std::uint64_t offset = 0;
};

/// [H,W,channels], in memory already and decoded.
using LoadedValues = UninitialisedVector<float>;

/// Where a dataset lies in its file.
struct RasterStorage {
  std::shared_ptr<const ReadOnlyFile> file;
  std::string name;
  std::size_t height_px = 0;
  std::size_t width_px = 0;
  std::size_t channels = 0;
  bool channels_first = false;
  StoredType type = StoredType::kFloat32;
  ValueCoding coding;
  std::variant<LoadedValues, ContiguousValues, ChunkGrid> place;
};

/// Buffers that reading needs, kept from one piece to the next.
struct ReadingRoom {
  UninitialisedVector<unsigned char> packed;
  UninitialisedVector<unsigned char> plain;
  UninitialisedVector<float> values;
  Inflater inflater;
};
using ReadingRooms = ObjectPool<ReadingRoom>;

/// The numbers of a chunk, which take `bytes`, into `plain`. Throws Error: the file is damaged or ends too early.
void inflate_chunk(const RasterStorage& storage, const StoredChunk& chunk, std::size_t bytes, ReadingRoom& room,
                   unsigned char* plain);

/// The values of one dataset, read without the HDF5 library and its lock, in bands of whole rows, an even number of
/// them in each but the last. Safe to call from several threads.
class RasterValues {
 public:
  explicit RasterValues(RasterStorage storage);

  const RasterStorage& storage() const { return storage_; }
  std::size_t height_px() const { return storage_.height_px; }
  std::size_t row_values() const { return storage_.width_px * storage_.channels; }
  std::size_t band_rows() const { return band_rows_px_; }
  std::size_t bands() const { return (storage_.height_px + band_rows_px_ - 1) / band_rows_px_; }
  std::size_t rows_of(std::size_t band) const;

  /// [rows, W, channels] of one band: in `room`, which must hold them, or where they are in memory already. Throws
  /// Error: the file is damaged or ends too early.
  const float* band(std::size_t band, float* room, ReadingRooms& rooms, int threads) const;

 private:
  void read_contiguous(const ContiguousValues& place, std::size_t first_row, std::size_t rows, float* out,
                       ReadingRooms& rooms) const;
  void read_numbers(const ContiguousValues& place, std::size_t first, std::size_t count, float* out,
                    ReadingRooms& rooms) const;
  void read_chunk(const ChunkGrid& grid, std::size_t number, float* band, ReadingRoom& room) const;

  RasterStorage storage_;
  std::size_t band_rows_px_ = 0;
};

}  // namespace cloudmask
