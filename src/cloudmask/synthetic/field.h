#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cloudmask::synthetic {

/// Size of a raster; an index is row * width_px + column.
struct GridSize {
  int height_px = 0;
  int width_px = 0;
  std::size_t pixels() const { return static_cast<std::size_t>(height_px) * static_cast<std::size_t>(width_px); }
};

/// One value a pixel, row-major.
struct Field {
  GridSize size;
  std::vector<float> values;

  float operator[](std::size_t pixel) const { return values[pixel]; }
  float& operator[](std::size_t pixel) { return values[pixel]; }
};

/// Noise whose spectrum is a power law between two wavelengths: octaves of random numbers on grids of doubling density,
/// interpolated by quadratic B-splines (Chaikin's subdivision), each octave 2^-roughness_exponent weaker than the one
/// before. roughness_exponent 1/3 is the spectrum of clouds in turbulent air (-5/3), 1 is smooth.
struct FractalOptions {
  std::uint64_t seed = 0;
  float largest_px = 256;
  float smallest_px = 2;
  float roughness_exponent = 0.5F;
};

/// Mean 0, standard deviation 1 over the raster.
Field fractal_field(GridSize size, const FractalOptions& options);

/// Displacements that bend cloud fields into curls.
struct Flow {
  Field along_px;
  Field across_px;
};

/// How a texture is laid over the scene.
struct Mapping {
  float angle_rad = 0;
  float stretch = 1;  ///< > 1: streaks along the angle
  float bend = 1;     ///< share of the flow's displacement
};

/// A fractal texture turned, stretched and bent by the flow. Mean 0, standard deviation 1.
Field flowing_field(const Flow& flow, const Mapping& mapping, const FractalOptions& options);

/// The value that a share `fraction` (0 to 1) of the field exceeds, from every 61st pixel.
float value_exceeded_by(const Field& field, double fraction);

/// Mean over a square of 2 * radius_px + 1, smaller at the borders.
Field box_mean(const Field& field, int radius_px);

/// Largest difference between opposite neighbours `distance_px` away, along rows or columns.
Field contrast(const Field& field, int distance_px);

/// 0 below `low`, 1 above `high`, a smooth cubic between.
inline float smooth_step(float low, float high, float value) {
  float t = (value - low) / (high - low);
  t = t < 0 ? 0 : (t > 1 ? 1 : t);
  return t * t * (3 - 2 * t);
}

}  // namespace cloudmask::synthetic
