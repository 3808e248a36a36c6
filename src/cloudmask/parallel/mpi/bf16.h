#pragma once

#include <bit>
#include <cstdint>

namespace cloudmask {

/// The upper half of an fp32: its range, and 8 bits of precision.
using Bf16 = std::uint16_t;

/// Rounds to nearest, ties to even; NaN stays NaN.
inline Bf16 to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t rounded = bits + 0x7fff + ((bits >> 16) & 1);
  const bool is_nan = (bits & 0x7fffffff) > 0x7f800000;
  return static_cast<Bf16>((is_nan ? bits | 0x400000 : rounded) >> 16);
}

inline float from_bf16(Bf16 value) { return std::bit_cast<float>(static_cast<std::uint32_t>(value) << 16); }

}  // namespace cloudmask
