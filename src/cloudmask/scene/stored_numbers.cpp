#include "cloudmask/scene/stored_numbers.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace cloudmask {
namespace {

// Two bytes, each from its plane.
inline std::uint32_t pair(const unsigned char* low, const unsigned char* high, std::size_t i) {
  return low[i] | static_cast<std::uint32_t>(high[i]) << 8U;
}

template <typename Number>
void from_planes(const unsigned char* planes, std::size_t plane_bytes, std::size_t count, float* __restrict out) {
  const auto plane = [&](std::size_t byte) { return planes + byte * plane_bytes; };
  for (std::size_t i = 0; i < count; ++i) {
    if constexpr (sizeof(Number) == 1) {
      out[i] = static_cast<float>(static_cast<Number>(planes[i]));
    } else if constexpr (sizeof(Number) == 2) {
      out[i] = static_cast<float>(static_cast<Number>(pair(plane(0), plane(1), i)));
    } else {
      std::uint64_t bits = pair(plane(0), plane(1), i) | pair(plane(2), plane(3), i) << 16U;
      if constexpr (sizeof(Number) == 4) {
        out[i] = static_cast<float>(std::bit_cast<Number>(static_cast<std::uint32_t>(bits)));
      } else {
        bits |= std::uint64_t{pair(plane(4), plane(5), i) | pair(plane(6), plane(7), i) << 16U} << 32U;
        out[i] = static_cast<float>(std::bit_cast<Number>(bits));
      }
    }
  }
}

template <typename Number>
void from_bytes(const unsigned char* bytes, std::size_t count, float* __restrict out) {
  if constexpr (std::is_same_v<Number, float>) {
    std::memcpy(out, bytes, count * sizeof(float));
    return;
  }
  for (std::size_t i = 0; i < count; ++i) {
    Number number{};
    std::memcpy(&number, bytes + i * sizeof(Number), sizeof(Number));
    out[i] = static_cast<float>(number);
  }
}

// visit(Number()) with the C++ type of a stored one.
template <typename Visit>
auto with_type(StoredType type, Visit visit) {
  switch (type) {
    case StoredType::kFloat64:
      return visit(double{});
    case StoredType::kInt8:
      return visit(std::int8_t{});
    case StoredType::kUint8:
      return visit(std::uint8_t{});
    case StoredType::kInt16:
      return visit(std::int16_t{});
    case StoredType::kUint16:
      return visit(std::uint16_t{});
    case StoredType::kInt32:
      return visit(std::int32_t{});
    default:
      return visit(float{});
  }
}

}  // namespace

std::size_t bytes_a_number(StoredType type) {
  return with_type(type, [](auto number) { return sizeof(number); });
}

void StoredNumbers::copy(std::size_t first, std::size_t wanted, float* out) const {
  with_type(type, [&]<typename Number>(Number) {
    if (shuffled) {
      from_planes<Number>(bytes + first, count, wanted, out);
    } else {
      from_bytes<Number>(bytes + first * sizeof(Number), wanted, out);
    }
  });
}

}  // namespace cloudmask
