#include "cloudmask/scene/deflated_chunks.h"

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <new>
#include <numeric>

#include "cloudmask/base/object_pool.h"
#include "cloudmask/base/parallel_for.h"
#include "cloudmask/base/uninitialised.h"

namespace cloudmask {
namespace {

using Bytes = UninitialisedVector<unsigned char>;

// [before, length, behind], of which a chunk has `chunk` of `length`; the last one is filled up with zeros.
struct Cut {
  std::size_t axis = 0;
  std::size_t before = 0;
  std::size_t length = 0;
  std::size_t chunk = 0;
  std::size_t behind_bytes = 0;

  std::size_t chunks() const { return (length + chunk - 1) / chunk; }
  std::size_t chunk_bytes() const { return before * chunk * behind_bytes; }
};

Cut cut_of(const std::vector<hsize_t>& shape, const std::vector<hsize_t>& chunk, std::size_t number_bytes) {
  auto at = std::mismatch(shape.begin(), shape.end(), chunk.begin()).first;
  if (at == shape.end()) at = shape.begin();  // one chunk holds all
  const auto axis = static_cast<std::size_t>(at - shape.begin());
  return {.axis = axis,
          .before = std::accumulate(shape.begin(), at, std::size_t{1}, std::multiplies<>()),
          .length = shape[axis],
          .chunk = chunk[axis],
          .behind_bytes = std::accumulate(at + 1, shape.end(), number_bytes, std::multiplies<>())};
}

class ChunkMaker {
 public:
  ChunkMaker(const Cut& cut, std::size_t number_bytes, int level, const unsigned char* values)
      : cut_(cut), number_bytes_(number_bytes), level_(level), values_(values) {}

  Bytes make(std::size_t number) {
    const auto room = rooms_.lend();
    copy_numbers(number, room->plain);
    shuffle(room->plain, room->shuffled);
    const auto size = static_cast<uLong>(room->shuffled.size());
    uLongf packed_bytes = compressBound(size);
    room->packed.resize(packed_bytes);
    // There is room for anything, so that nothing but memory can be short.
    if (compress2(room->packed.data(), &packed_bytes, room->shuffled.data(), size, level_) != Z_OK) {
      throw std::bad_alloc();
    }
    return {room->packed.begin(), room->packed.begin() + static_cast<std::ptrdiff_t>(packed_bytes)};
  }

 private:
  struct Room {
    Bytes plain;
    Bytes shuffled;
    Bytes packed;
  };

  void copy_numbers(std::size_t number, Bytes& plain) const {
    plain.resize(cut_.chunk_bytes());
    const std::size_t first = number * cut_.chunk;
    const std::size_t count = std::min(cut_.chunk, cut_.length - first);
    if (count < cut_.chunk) std::fill(plain.begin(), plain.end(), static_cast<unsigned char>(0));
    for (std::size_t i = 0; i < cut_.before; ++i) {
      std::memcpy(&plain[i * cut_.chunk * cut_.behind_bytes], values_ + (i * cut_.length + first) * cut_.behind_bytes,
                  count * cut_.behind_bytes);
    }
  }

  // All first bytes of the numbers, then all second ones, ...
  void shuffle(const Bytes& plain, Bytes& shuffled) const {
    shuffled.resize(plain.size());
    const std::size_t numbers = plain.size() / number_bytes_;
    for (std::size_t byte = 0; byte < number_bytes_; ++byte) {
      const unsigned char* __restrict from = plain.data() + byte;
      unsigned char* __restrict to = &shuffled[byte * numbers];
      for (std::size_t i = 0; i < numbers; ++i) to[i] = from[i * number_bytes_];
    }
  }

  const Cut& cut_;
  std::size_t number_bytes_;
  int level_;
  const unsigned char* values_;
  ObjectPool<Room> rooms_;
};

}  // namespace

bool write_deflated(hid_t dataset, const std::vector<hsize_t>& shape, const std::vector<hsize_t>& chunk,
                    std::size_t number_bytes, int level, const void* values) {
  const Cut cut = cut_of(shape, chunk, number_bytes);
  ChunkMaker maker(cut, number_bytes, level, static_cast<const unsigned char*>(values));
  std::vector<Bytes> chunks(cut.chunks());
  finish_in_parallel(chunks.size(), [&](std::size_t i) { chunks[i] = maker.make(i); });
  std::vector<hsize_t> place(shape.size(), 0);
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    place[cut.axis] = i * cut.chunk;
    constexpr std::uint32_t kAllFilters = 0;
    if (H5Dwrite_chunk(dataset, H5P_DEFAULT, kAllFilters, place.data(), chunks[i].size(), chunks[i].data()) < 0) {
      return false;
    }
  }
  return true;
}

}  // namespace cloudmask
