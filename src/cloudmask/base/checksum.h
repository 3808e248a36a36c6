#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace cloudmask {

/// FNV-1a (Fowler, Noll, Vo) over 64-bit words: tells torn, damaged and different files apart, not forged ones.
inline std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t sum = 14695981039346656037ULL;
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, std::min(sizeof word, bytes.size() - at));
    sum = (sum ^ word) * 1099511628211ULL;
  }
  return sum;
}

}  // namespace cloudmask
