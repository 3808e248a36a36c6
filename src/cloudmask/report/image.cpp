#include "cloudmask/report/image.h"

#include <png.h>

#include <algorithm>
#include <cmath>

#include "cloudmask/base/error.h"

namespace cloudmask {
namespace {

bool is_grey(const Image& image) {
  return std::all_of(image.pixels.begin(), image.pixels.end(),
                     [](const Rgb& rgb) { return rgb[0] == rgb[1] && rgb[1] == rgb[2]; });
}

/// 32 steps of 0..255: the eye hardly sees the difference and the file is half as large.
std::uint8_t coarse(std::uint32_t value) { return static_cast<std::uint8_t>((value & 0xF8U) | (value >> 5U)); }

}  // namespace

Rgb mix(const Rgb& from, const Rgb& to, float share) {
  Rgb mixed{};
  for (std::size_t i = 0; i < 3; ++i) {
    const float value = static_cast<float>(from[i]) + share * (static_cast<float>(to[i]) - static_cast<float>(from[i]));
    mixed[i] = static_cast<std::uint8_t>(std::lround(value));
  }
  return mixed;
}

Image render(RasterSize raster, int max_side_px, const std::function<Rgb(std::size_t pixel)>& colour) {
  CM_CHECK(raster.height_px > 0 && raster.width_px > 0 && max_side_px > 0);
  const int square_px = (std::max(raster.height_px, raster.width_px) + max_side_px - 1) / max_side_px;
  Image image;
  image.height_px = (raster.height_px + square_px - 1) / square_px;
  image.width_px = (raster.width_px + square_px - 1) / square_px;
  image.pixels.reserve(static_cast<std::size_t>(image.height_px) * static_cast<std::size_t>(image.width_px));
  for (int row = 0; row < raster.height_px; row += square_px) {
    for (int column = 0; column < raster.width_px; column += square_px) {
      std::array<std::uint32_t, 3> sum{};
      std::uint32_t count = 0;
      for (int y = row; y < std::min(row + square_px, raster.height_px); ++y) {
        for (int x = column; x < std::min(column + square_px, raster.width_px); ++x, ++count) {
          const Rgb rgb = colour(static_cast<std::size_t>(y) * static_cast<std::size_t>(raster.width_px) +
                                 static_cast<std::size_t>(x));
          for (std::size_t band = 0; band < 3; ++band) sum[band] += rgb[band];
        }
      }
      image.pixels.push_back({coarse(sum[0] / count), coarse(sum[1] / count), coarse(sum[2] / count)});
    }
  }
  return image;
}

std::string encode_png(const Image& image) {
  const bool grey = is_grey(image);
  std::vector<std::uint8_t> bytes;
  for (const Rgb& rgb : image.pixels) bytes.insert(bytes.end(), rgb.begin(), rgb.begin() + (grey ? 1 : 3));
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  png.width = static_cast<png_uint_32>(image.width_px);
  png.height = static_cast<png_uint_32>(image.height_px);
  png.format = grey ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(png);
  std::string file(size, '\0');
  if (png_image_write_to_memory(&png, file.data(), &size, 0, bytes.data(), 0, nullptr) == 0) {
    throw Error(std::string("cannot encode a PNG image: ") + png.message);
  }
  file.resize(size);
  return file;
}

std::string data_url(const std::string& png) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string url = "data:image/png;base64,";
  url.reserve(url.size() + png.size() * 4 / 3 + 4);
  for (std::size_t i = 0; i < png.size(); i += 3) {
    const std::size_t length = std::min<std::size_t>(3, png.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = (bits << 8U) | (k < length ? static_cast<std::uint8_t>(png[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) url += k <= length ? kDigits[(bits >> (18U - 6U * k)) & 63U] : '=';
  }
  return url;
}

}  // namespace cloudmask
