#pragma once

#include <cstdint>
#include <vector>

#include "cloudmask/synthetic/clouds.h"
#include "cloudmask/synthetic/radiation.h"

namespace cloudmask::synthetic {

/// What is really in each pixel.
struct Truth {
  std::vector<std::uint8_t> cloud;  ///< kClear or kCloud
  std::vector<std::uint8_t> kind;   ///< 0 clear, else CloudKind + 1 of the layer with the largest optical depth
  Field optical_depth;              ///< times cover, summed over the layers
};

Truth find_truth(const ScenePlan& plan, const std::vector<CloudLayer>& layers);

/// The provider's mask: truth with `plan.label_error` of the pixels wrong. A pixel is the likelier to be wrong the
/// fainter its cloud is against the clear scene, or the more its clear ground looks like cloud; patches and speckle
/// decide the rest.
std::vector<std::uint8_t> make_label(const ScenePlan& plan, const Viewing& viewing, const Geography& ground,
                                     const Truth& truth, const RadiationResult& radiation);

}  // namespace cloudmask::synthetic
