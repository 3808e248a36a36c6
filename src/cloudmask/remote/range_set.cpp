#include "cloudmask/remote/range_set.h"

#include <algorithm>

namespace cloudmask {

void RangeSet::add(ByteRange range) {
  if (range.bytes == 0) return;
  const auto end_of = [](const ByteRange& r) { return r.offset + r.bytes; };
  const auto first = std::lower_bound(ranges_.begin(), ranges_.end(), range.offset,
                                      [&](const ByteRange& r, std::uint64_t offset) { return end_of(r) < offset; });
  auto last = first;
  std::uint64_t begin = range.offset;
  std::uint64_t end = end_of(range);
  for (; last != ranges_.end() && last->offset <= end; ++last) {
    begin = std::min(begin, last->offset);
    end = std::max(end, end_of(*last));
  }
  ranges_.insert(ranges_.erase(first, last), ByteRange{begin, end - begin});
}

std::uint64_t RangeSet::bytes() const {
  std::uint64_t sum = 0;
  for (const ByteRange& range : ranges_) sum += range.bytes;
  return sum;
}

std::vector<ByteRange> RangeSet::gaps(std::uint64_t file_bytes) const {
  std::vector<ByteRange> gaps;
  std::uint64_t at = 0;
  for (const ByteRange& range : ranges_) {
    if (range.offset > at) gaps.push_back({at, range.offset - at});
    at = range.offset + range.bytes;
  }
  if (at < file_bytes) gaps.push_back({at, file_bytes - at});
  return gaps;
}

std::vector<ByteRange> split(const std::vector<ByteRange>& ranges, std::uint64_t piece_bytes) {
  std::vector<ByteRange> pieces;
  for (ByteRange range : ranges) {
    while (range.bytes > 0) {
      const std::uint64_t bytes = std::min(range.bytes, piece_bytes);
      pieces.push_back({range.offset, bytes});
      range.offset += bytes;
      range.bytes -= bytes;
    }
  }
  return pieces;
}

}  // namespace cloudmask
