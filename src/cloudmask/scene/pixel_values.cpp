#include "cloudmask/scene/pixel_values.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cloudmask/scene/scene.h"

namespace cloudmask {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

constexpr std::size_t kBands = kReflectanceBands;

inline bool inside(float value, ValueRange range) { return (value >= range.low) & (value <= range.high); }

struct Found {
  bool valid;
  bool invalid;
};

// Nearly all blocks are valid or, by night, invalid throughout: looking first costs less than treating all as mixed.
Found look_at(const float* values, std::size_t count, ValueRange range) {
  int valid = 0;
  int invalid = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const int one = inside(values[i], range) ? 1 : 0;
    valid |= one;
    invalid |= one ^ 1;
  }
  return {valid != 0, invalid != 0};
}

// NaN is not out of range: it is what such values become.
bool any_out_of_range(const float* values, std::size_t count, ValueRange range) {
  int out = 0;
  for (std::size_t i = 0; i < count; ++i) out |= (values[i] < range.low) | (values[i] > range.high);
  return out != 0;
}

void average_valid(const float* upper, const float* lower, std::size_t pixels, float* __restrict out) {
  for (std::size_t pixel = 0; pixel < pixels; ++pixel, upper += 2 * kBands, lower += 2 * kBands, out += kBands) {
    for (std::size_t band = 0; band < kBands; ++band) {
      out[band] = (upper[band] + upper[kBands + band] + lower[band] + lower[kBands + band]) / 4;
    }
  }
}

void average_mixed(const float* upper, const float* lower, std::size_t pixels, ValueRange range,
                   float* __restrict out) {
  for (std::size_t pixel = 0; pixel < pixels; ++pixel, upper += 2 * kBands, lower += 2 * kBands, out += kBands) {
    for (std::size_t band = 0; band < kBands; ++band) {
      float sum = 0;
      float valid = 0;
      for (const float value : {upper[band], upper[kBands + band], lower[band], lower[kBands + band]}) {
        sum += inside(value, range) ? value : 0.0F;
        valid += inside(value, range) ? 1.0F : 0.0F;
      }
      out[band] = sum / valid;  // NaN where none is: 0 / 0
    }
  }
}

}  // namespace

void keep_in_range(const float* values, std::size_t count, ValueRange range, float* out) {
  constexpr std::size_t kBlock = 2048;
  for (std::size_t first = 0; first < count; first += kBlock) {
    const std::size_t end = std::min(first + kBlock, count);
    if (values == out && !any_out_of_range(values + first, end - first, range)) continue;
    for (std::size_t i = first; i < end; ++i) out[i] = inside(values[i], range) ? values[i] : kNaN;
  }
}

void average_2x2(const float* upper, const float* lower, std::size_t pixels, ValueRange range, float* out) {
  constexpr std::size_t kBlock = 128;
  for (std::size_t first = 0; first < pixels; first += kBlock) {
    const std::size_t count = std::min(kBlock, pixels - first);
    const float* const above = upper + 2 * kBands * first;
    const float* const below = lower + 2 * kBands * first;
    float* const to = out + kBands * first;
    const Found up = look_at(above, 2 * kBands * count, range);
    const Found down = look_at(below, 2 * kBands * count, range);
    if (!up.invalid && !down.invalid) {
      average_valid(above, below, count, to);
    } else if (!up.valid && !down.valid) {
      std::fill_n(to, kBands * count, kNaN);
    } else {
      average_mixed(above, below, count, range, to);
    }
  }
}

void binary_codes(const float* values, std::size_t count, std::uint8_t* __restrict out) {
  for (std::size_t i = 0; i < count; ++i) {
    const int cloud = values[i] > 0 ? kCloud : kClear;
    const bool known = values[i] >= 0 && values[i] != kUnknown;  // no NaN, nor a fill value that nothing declares
    out[i] = static_cast<std::uint8_t>(known ? cloud : kUnknown);
  }
}

void surface_codes(const float* values, std::size_t count, std::uint8_t* out) {
  for (std::size_t i = 0; i < count; ++i) {
    const bool known = values[i] >= 0 && values[i] <= static_cast<float>(Surface::kSeaIce);
    out[i] = known ? static_cast<std::uint8_t>(values[i]) : static_cast<std::uint8_t>(Surface::kNotKnown);
  }
}

}  // namespace cloudmask
