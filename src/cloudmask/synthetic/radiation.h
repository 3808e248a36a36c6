#pragma once

#include <array>
#include <vector>

#include "cloudmask/scene/planck.h"
#include "cloudmask/scene/scene.h"
#include "cloudmask/synthetic/clouds.h"
#include "cloudmask/synthetic/geography.h"
#include "cloudmask/synthetic/scene_plan.h"

namespace cloudmask::synthetic {

/// What leaves the top of the atmosphere towards the satellite, without instrument noise.
struct Radiation {
  std::vector<std::array<float, kReflectanceBands>> reflectance;         ///< 0 by night
  std::vector<std::array<float, kBrightnessTemperatureBands>> radiance;  ///< W m-2 sr-1 um-1
};

struct RadiationResult {
  Radiation clear;  ///< the same scene with the clouds taken away
  Radiation cloudy;
};

/// Carries sunlight and thermal radiation up through the air and the cloud layers, pixel by pixel: independent columns,
/// two streams. The formulas and constants are in docs/synthetic.md.
RadiationResult radiate(const ScenePlan& plan, const Viewing& viewing, const Geography& ground,
                        const std::vector<CloudLayer>& layers, const Planck& planck);

}  // namespace cloudmask::synthetic
