#pragma once

namespace cloudmask {

/// One raster [H,W] of a scene; NaN is missing.
struct PlaneView {
  const float* values = nullptr;
  int height_px = 0;
  int width_px = 0;
};

/// Population standard deviation of the values that are there in the square of 2 * radius_px + 1 pixels around each
/// pixel, clipped at the scene's edge: [H,W] into `deviation`. NaN where the pixel itself is missing, or where fewer
/// than three values are there. O(1) a pixel. `threads` 0: as many as there are cores.
void local_deviation(const PlaneView& plane, int radius_px, float* deviation, int threads);

}  // namespace cloudmask
