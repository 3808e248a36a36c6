#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "cloudmask/scene/planck.h"
#include "cloudmask/simulation/simulated_cloud.h"

namespace cloudmask {

/// A square of a scene in physical units.
struct PatchPixels {
  int size_px = 0;
  float* channels = nullptr;                 ///< [P,P,9]: reflectance of S1 to S6, K of S7 to S9, all NaN where missing
  const float* cloud_probability = nullptr;  ///< [P,P], NaN where not known
};

/// Lays simulated clouds over patches of real scenes: real ground, real air, real noise, and clouds known exactly.
/// Safe to call from several threads.
class CloudSimulator {
 public:
  explicit CloudSimulator(std::uint64_t seed, CloudOptics optics = default_cloud_optics())
      : bank_(seed), optics_(std::move(optics)) {}

  /// Changes the channels under one or two layers of cloud and returns where cloud was put: [P,P], optical depth at
  /// 0.55 um averaged over the pixel. Empty: nothing was done, because too little of the patch is surely clear for its
  /// ground to be known.
  std::vector<float> paste(const PatchPixels& patch, std::uint64_t seed) const;

 private:
  void lay(const SimulatedCloud& cloud, float sunlight_s7, bool daylight, const PatchPixels& patch) const;

  FractalBank bank_;
  CloudOptics optics_;
  Planck planck_;
};

}  // namespace cloudmask
