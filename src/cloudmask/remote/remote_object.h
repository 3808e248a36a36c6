#pragma once

#include <cstdint>
#include <string>

namespace cloudmask {

/// One object of a store, as a list or a HEAD tells of it.
struct RemoteObject {
  std::string key;
  std::uint64_t bytes = 0;
  std::string etag;              ///< without quotes; empty: the store gives none
  std::int64_t modified_s = -1;  ///< since 1970-01-01 UTC; -1: not told
};

/// Sizes are what a store claims: their sum must not wrap around and look small.
inline std::uint64_t saturating_sum(std::uint64_t a, std::uint64_t b) {
  return b > UINT64_MAX - a ? UINT64_MAX : a + b;
}

}  // namespace cloudmask
