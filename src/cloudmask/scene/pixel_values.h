#pragma once

#include <cstddef>
#include <cstdint>

namespace cloudmask {

/// Physical range of a band; what lies outside is no measurement.
struct ValueRange {
  float low;
  float high;
};

/// Wider than anything physical, narrower than any fill value: calibration noise makes dark reflectance slightly
/// negative, sun glint and low sun push it above 1; the packing of the products ends at 611 K only for fire channels,
/// and no cloud top is colder than 150 K.
inline constexpr ValueRange kReflectance = {-1.0F, 10.0F};
inline constexpr ValueRange kBrightnessTemperature_k = {150.0F, 400.0F};

/// `out` may be `values`; what lies outside of `range`, and NaN, becomes NaN.
void keep_in_range(const float* values, std::size_t count, ValueRange range, float* out);

/// Mean of the valid ones (inside of `range`) among the 2x2 values of 500 m in each of `pixels` pixels of 1 km: two
/// rows [2 * pixels, 6] of reflectance make one, [pixels, 6]. NaN where none is valid.
void average_2x2(const float* upper, const float* lower, std::size_t pixels, ValueRange range, float* out);

/// Above 0 is kCloud and 0 kClear; 255 (what writers give a pixel that nobody judged), NaN and below 0 are kUnknown.
void binary_codes(const float* values, std::size_t count, std::uint8_t* out);

/// Surface values; kNotKnown for any other number.
void surface_codes(const float* values, std::size_t count, std::uint8_t* out);

}  // namespace cloudmask
