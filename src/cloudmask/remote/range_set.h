#pragma once

#include <cstdint>
#include <vector>

#include "cloudmask/base/byte_range.h"

namespace cloudmask {

/// Which bytes of a file are there: ranges in order that neither touch nor overlap.
class RangeSet {
 public:
  void add(ByteRange range);
  void clear() { ranges_.clear(); }

  const std::vector<ByteRange>& ranges() const { return ranges_; }
  std::uint64_t bytes() const;  ///< of all ranges

  /// What is missing of a file of `file_bytes`, in order.
  std::vector<ByteRange> gaps(std::uint64_t file_bytes) const;

 private:
  std::vector<ByteRange> ranges_;
};

/// The same bytes in pieces of at most `piece_bytes`.
std::vector<ByteRange> split(const std::vector<ByteRange>& ranges, std::uint64_t piece_bytes);

}  // namespace cloudmask
