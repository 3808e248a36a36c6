#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace cloudmask {

using Rgb = std::array<std::uint8_t, 3>;

/// `share` 0 is `from`, 1 is `to`.
Rgb mix(const Rgb& from, const Rgb& to, float share);

struct Image {
  int height_px = 0;
  int width_px = 0;
  std::vector<Rgb> pixels;  ///< [H,W]
};

struct RasterSize {
  int height_px = 0;
  int width_px = 0;
};

/// Colours each pixel of a raster and averages the colours over squares, so that no side exceeds `max_side_px`.
Image render(RasterSize raster, int max_side_px, const std::function<Rgb(std::size_t pixel)>& colour);

/// The bytes of a PNG file; grey images are stored as such. Throws Error when libpng does.
std::string encode_png(const Image& image);

/// "data:image/png;base64,..."
std::string data_url(const std::string& png);

}  // namespace cloudmask
