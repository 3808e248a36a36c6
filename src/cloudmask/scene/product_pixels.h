#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace cloudmask {

// What makes the numbers of a product pixels of a scene. Missing is NaN throughout.

/// Pixels of the 1 km grid from one tie point to the next, across the track; along it there is one for each row
/// (SLSTR Level-1 product format).
inline constexpr int kTieSpacing_px = 16;

/// A row of tie points at each pixel: linear between the valid ones, and beyond the outermost of these for one spacing.
/// `first_px`: the pixel of tie point 0, which may lie outside.
void spread_tie_points(std::span<const float> ties, std::ptrdiff_t first_px, std::span<float> pixels);

/// 1 / cosine of the sun's zenith angle; missing where the sun is lower than 5 degrees above the horizon: reflectance
/// has no meaning there, and S5 and S6 are measured by night as well.
void reciprocal_cosine(std::span<const float> sun_zenith_deg, std::span<float> out);

/// The 500 m grid below the 1 km grid: the row and column of its pixel in the upper left quarter of pixel (0, 0).
struct FineGrid {
  std::size_t height_px = 0;
  std::size_t width_px = 0;
  std::ptrdiff_t first_row = 0;
  std::ptrdiff_t first_column = 0;
};

/// Gain of each number that a detector may have; see detector_gains.
using DetectorGains = std::array<float, 256>;

/// One channel at 500 m, [height, width] each.
struct FineChannel {
  const float* radiance;         ///< mW m-2 sr-1 nm-1
  const float* exception;        ///< bits
  const std::uint8_t* detector;  ///< nothing: not known
  const DetectorGains* gains;
};

/// pi * adjustment / irradiance of each detector, irradiance in mW m-2 nm-1. One that is not given, or no positive
/// number, counts as the mean of the others, and this as `otherwise` when there are none.
DetectorGains detector_gains(std::span<const float> irradiance, float otherwise, float adjustment);

/// Row `row` of the 1 km grid: the mean of the valid ones among the 2x2 pixels of 500 m in each pixel, radiance times
/// gain, which is reflectance times the cosine of the sun's zenith angle.
void average_fine_row(const FineChannel& channel, const FineGrid& grid, std::size_t row, std::span<float> out);

/// Values with an exception become missing, but for pixel_absent (2) alone: a pixel that was not measured has the value
/// of its nearest neighbour then (cosmetic fill).
void drop_exceptions(std::span<const float> exceptions, std::span<float> values);

/// bayes_in: bit single_moderate is cloud (the provider's advice for land and sea); 255 is not populated.
void bayes_codes(std::span<const float> flags, std::span<std::uint8_t> out);

/// confidence_in: bits ocean and land, to which inland water counts; neither is not known.
void confidence_surface(std::span<const float> flags, std::span<std::uint8_t> out);

/// confidence_in: bit summary_cloud, the processor's choice of its threshold tests, is cloud; bit unfilled is unknown.
void summary_codes(std::span<const float> flags, std::span<std::uint8_t> out);

}  // namespace cloudmask
