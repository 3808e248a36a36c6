#pragma once

#include <cstdint>

namespace cloudmask {

/// A part of a file.
struct ByteRange {
  std::uint64_t offset = 0;  ///< from the beginning of the file
  std::uint64_t bytes = 0;   ///< its length
};

}  // namespace cloudmask
