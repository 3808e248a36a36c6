#include "cloudmask/teaching/labeller.h"

#include <algorithm>

#include "cloudmask/base/error.h"

namespace cloudmask {

std::vector<Target> ProvidedLabels::targets(const Scene& scene) const {
  CM_CHECK(scene.label.size() == scene.pixels());
  std::vector<Target> targets(scene.label.size());
  std::transform(scene.label.begin(), scene.label.end(), targets.begin(),
                 [](std::uint8_t label) { return label == kCloud ? kSurelyCloud : label; });
  return targets;
}

}  // namespace cloudmask
