#include "cloudmask/report/method_masks.h"

#include <cmath>
#include <utility>

#include "cloudmask/base/error.h"

namespace cloudmask {
namespace {

MethodMask label_mask(const Scene& scene) {
  CM_CHECK(!scene.label.empty());
  MethodMask method;
  method.mask.height_px = scene.height_px;
  method.mask.width_px = scene.width_px;
  for (const std::uint8_t value : scene.label) {
    method.mask.cloud_probability.push_back(value == kUnknown ? std::nanf("") : static_cast<float>(value));
  }
  return method;
}

MethodMask file_mask(const Scene& scene, const Method& method, const std::optional<double>& threshold) {
  MaskContent content = read_mask(find_mask(method.masks, scene.name, scene.view), scene);
  return {std::move(content.mask), threshold.value_or(content.origin.threshold)};
}

}  // namespace

bool MethodMask::judges(std::size_t pixel) const { return !std::isnan(mask.cloud_probability[pixel]); }

bool MethodMask::calls_cloud(std::size_t pixel) const {
  return static_cast<double>(mask.cloud_probability[pixel]) >= threshold;
}

std::vector<MethodMask> read_method_masks(const Scene& scene, const std::vector<Method>& methods,
                                          const std::optional<double>& threshold) {
  std::vector<MethodMask> masks;
  for (const Method& method : methods) {
    masks.push_back(method.masks.empty() ? label_mask(scene) : file_mask(scene, method, threshold));
    std::vector<float>& probability = masks.back().mask.cloud_probability;
    for (std::size_t i = 0; i < probability.size(); ++i) {
      if (pixel_missing(scene, i)) probability[i] = std::nanf("");
    }
  }
  return masks;
}

}  // namespace cloudmask
