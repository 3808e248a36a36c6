#pragma once

#include <cstdint>
#include <vector>

#include "cloudmask/scene/scene.h"
#include "cloudmask/sst/kelvin_histogram.h"

namespace cloudmask {

/// How good the temperatures are that a mask lets through, mergeable over scenes. Only sea counts where the scene knows
/// its surface, else every pixel.
struct SstScore {
  std::uint64_t pixels = 0;         ///< with a temperature, cloudy or not
  std::uint64_t clear_pixels = 0;   ///< that the mask calls clear
  std::uint64_t missed_pixels = 0;  ///< called clear, cloud by the reference
  /// Temperature of missed pixels minus the median around them: of what mask and reference call clear in the same
  /// square of 50 km, where there are 20 such pixels or more.
  KelvinHistogram missed;
  KelvinHistogram error;  ///< temperature of clear pixels minus the known one, where it is known
  void merge(const SstScore& other);
};

/// What there is to judge temperatures by.
struct SstReference {
  const std::vector<std::uint8_t>& cloud;           ///< truth or label of the scene; empty: misses are not known
  const std::vector<float>& surface_temperature_k;  ///< empty where not known
};

/// `cloud` is the mask: kClear, kCloud or kUnknown for each pixel.
SstScore score_sst(const Scene& scene, const std::vector<float>& sst_k, const std::vector<std::uint8_t>& cloud,
                   const SstReference& reference);

}  // namespace cloudmask
