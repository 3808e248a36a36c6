#include "cloudmask/report/quicklook.h"

#include <algorithm>
#include <cmath>

#include "cloudmask/base/error.h"

namespace cloudmask {
namespace {

std::uint8_t stretch(float value, float black, float white, float gamma = 1.0F) {
  const float share = std::clamp((value - black) / (white - black), 0.0F, 1.0F);
  return static_cast<std::uint8_t>(std::lround(255.0F * std::pow(share, 1.0F / gamma)));
}

Rgb day_colour(const Scene& scene, std::size_t pixel) {
  const float* band = &scene.reflectance[pixel * kReflectanceBands];
  const float s2 = band[1];
  const float s3 = band[2];
  const float s5 = band[4];
  if (std::isnan(s2) || std::isnan(s3) || std::isnan(s5)) return kMissingColour;
  constexpr float kGamma = 1.7F;
  return {stretch(s5, 0.0F, 0.7F, kGamma), stretch(s3, 0.0F, 0.85F, kGamma), stretch(s2, 0.0F, 0.85F, kGamma)};
}

Rgb night_colour(const Scene& scene, std::size_t pixel) {
  const float* band_k = &scene.brightness_temperature_k[pixel * kBrightnessTemperatureBands];
  if (std::isnan(band_k[1]) || std::isnan(band_k[2])) return kMissingColour;
  const float s7_k = std::isnan(band_k[0]) ? band_k[1] : band_k[0];
  return {stretch(band_k[2] - band_k[1], -4.0F, 2.0F), stretch(band_k[1] - s7_k, 0.0F, 10.0F),
          stretch(band_k[1], 243.0F, 293.0F)};
}

Rgb class_colour(std::uint8_t value) {
  if (value == kUnknown) return kMissingColour;
  return value == kCloud ? kCloudColour : kClearColour;
}

RasterSize size_of(const Scene& scene) { return {scene.height_px, scene.width_px}; }
RasterSize size_of(const Mask& mask) { return {mask.height_px, mask.width_px}; }

}  // namespace

Image false_colour(const Scene& scene, int max_side_px) {
  const bool day = scene_in_daylight(scene);
  return render(size_of(scene), max_side_px,
                [&](std::size_t pixel) { return day ? day_colour(scene, pixel) : night_colour(scene, pixel); });
}

Image outlined(const Scene& scene, const Mask& mask, double threshold) {
  CM_CHECK(mask.height_px == scene.height_px && mask.width_px == scene.width_px);
  Image image = false_colour(scene, std::max(scene.height_px, scene.width_px));
  const auto is_cloud = [&](int row, int column) {
    if (row < 0 || row >= mask.height_px || column < 0 || column >= mask.width_px) return false;
    const auto pixel = static_cast<std::size_t>(row) * static_cast<std::size_t>(mask.width_px);
    return static_cast<double>(mask.cloud_probability[pixel + static_cast<std::size_t>(column)]) >= threshold;
  };
  std::size_t pixel = 0;
  for (int row = 0; row < mask.height_px; ++row) {
    for (int column = 0; column < mask.width_px; ++column, ++pixel) {
      const bool inside = is_cloud(row - 1, column) && is_cloud(row + 1, column) && is_cloud(row, column - 1) &&
                          is_cloud(row, column + 1);
      if (is_cloud(row, column) && !inside) image.pixels[pixel] = kOutlineColour;
    }
  }
  return image;
}

Image thermal(const Scene& scene, int max_side_px) {
  return render(size_of(scene), max_side_px, [&](std::size_t pixel) {
    const float s8_k = scene.brightness_temperature_k[pixel * kBrightnessTemperatureBands + 1];
    if (std::isnan(s8_k)) return kMissingColour;
    const std::uint8_t grey = stretch(s8_k, 305.0F, 215.0F);
    return Rgb{grey, grey, grey};
  });
}

Image class_picture(const Scene& scene, const std::vector<std::uint8_t>& classes, int max_side_px) {
  CM_CHECK(classes.size() == scene.pixels());
  return render(size_of(scene), max_side_px, [&](std::size_t pixel) {
    return pixel_missing(scene, pixel) ? kMissingColour : class_colour(classes[pixel]);
  });
}

Image mask_picture(const Mask& mask, int max_side_px) {
  return render(size_of(mask), max_side_px, [&](std::size_t pixel) {
    const float probability = mask.cloud_probability[pixel];
    return std::isnan(probability) ? kMissingColour : mix(kClearColour, kCloudColour, probability);
  });
}

Image disagreement(const Mask& mask, const std::vector<std::uint8_t>& reference, double threshold, int max_side_px) {
  CM_CHECK(reference.size() == mask.cloud_probability.size());
  return render(size_of(mask), max_side_px, [&](std::size_t pixel) {
    const float probability = mask.cloud_probability[pixel];
    if (std::isnan(probability) || reference[pixel] == kUnknown) return kMissingColour;
    const bool called_cloud = static_cast<double>(probability) >= threshold;
    const bool is_cloud = reference[pixel] == kCloud;
    if (called_cloud == is_cloud) return class_colour(reference[pixel]);
    return called_cloud ? kFalseCloudColour : kMissedCloudColour;
  });
}

}  // namespace cloudmask
