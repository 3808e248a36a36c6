#pragma once

#include <array>

#include "cloudmask/base/random.h"
#include "cloudmask/scene/scene.h"
#include "cloudmask/synthetic/clouds.h"

namespace cloudmask::synthetic {

/// How much sunlight a particle swallows (1 - single-scattering albedo) and how thermal absorption compares with the
/// optical depth at 0.55 um. Sizes of droplets and crystals differ from scene to scene, hence these.
struct CloudOptics {
  float reflectance_limit_s5 = 0.65F;  ///< of an infinitely thick cloud
  float reflectance_limit_s6 = 0.5F;
  float reflectance_limit_s7 = 0.18F;
  float loss_s5 = 0.05F;  ///< extinction of diffuse light per optical depth
  float loss_s6 = 0.09F;
  float backscatter = 0.15F;  ///< 1 - asymmetry
  std::array<float, kBrightnessTemperatureBands>
      absorption{};  ///< optical depth of absorption / optical depth at 0.55 um
};

/// Optics of water or ice for a scene whose particles are `scale` times the usual ones.
CloudOptics draw_optics(CloudKind kind, float scale, Random& random);

/// Reflectance of a thick cloud of given single-scattering albedo loss (van de Hulst's similarity parameter).
float reflectance_limit(float co_albedo, float asymmetry);

/// Properties of one material of the ground.
struct Material {
  std::array<float, kReflectanceBands> reflectance;
  std::array<float, kBrightnessTemperatureBands> emissivity;
};

inline constexpr Material kSeaWater = {{.022F, .016F, .010F, .004F, .006F, .004F}, {.978F, .992F, .987F}};
inline constexpr Material kPlants = {{.040F, .038F, .350F, .18F, .17F, .085F}, {.970F, .984F, .984F}};
inline constexpr Material kDesert = {{.200F, .330F, .420F, .46F, .52F, .470F}, {.830F, .955F, .972F}};
inline constexpr Material kSnow = {{.860F, .840F, .760F, .28F, .085F, .060F}, {.992F, .994F, .983F}};

}  // namespace cloudmask::synthetic
