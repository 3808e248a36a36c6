#pragma once

#include <array>
#include <vector>

#include "cloudmask/base/random.h"
#include "cloudmask/scene/scene.h"
#include "cloudmask/simulation/cloud_optics.h"
#include "cloudmask/simulation/fractal_bank.h"

namespace cloudmask {

/// A pixel is called cloud when its optical depth at 0.55 um, averaged over the pixel, exceeds this: a definition.
inline constexpr float kCloudOpticalDepth = 0.3F;

/// What is known of the clear ground of a patch.
struct ClearGround {
  float temperature_k = 0;  ///< mean S8
  bool daylight = false;
};

/// How particles treat radiation.
struct ParticleOptics {
  std::array<float, kBrightnessTemperatureBands> absorption{};  ///< optical depth / that at 0.55 um
  float emissivity_s7 = 1;    ///< of a thick cloud: less than 1 for droplets, which is what shows fog by night
  float backscatter = 0.13F;  ///< reflected share is g t / (1 + g t) of the optical depth t
  std::array<float, kReflectanceBands> whiteness{};  ///< of a thick cloud
  float sunlight_s7 = 0;                             ///< reflectance of a thick cloud at 3.7 um
};

/// One layer of cloud over a patch.
struct SimulatedCloud {
  std::vector<float> optical_depth;  ///< [P,P] at 0.55 um, of the covered part
  std::vector<float> cover;          ///< [P,P] share of the pixel
  std::vector<float> top_k;          ///< [P,P]
  float colder_k = 0;                ///< tops against the ground
  ParticleOptics optics;
};

/// Stratus, cumulus, mid-level, deep or cirrus cloud with everything drawn from wide ranges: no cloud climate, but more
/// than there is. Tops are colder than the ground by the height of each kind (WMO International Cloud Atlas) at
/// 6.5 K/km; low stratus by night also warmer.
SimulatedCloud draw_cloud(const FractalBank& bank, const CloudOptics& optics, const ClearGround& ground, int size_px,
                          Random& random);

}  // namespace cloudmask
