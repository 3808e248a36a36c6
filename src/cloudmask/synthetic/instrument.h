#pragma once

#include "cloudmask/scene/planck.h"
#include "cloudmask/scene/scene.h"
#include "cloudmask/synthetic/radiation.h"
#include "cloudmask/synthetic/scene_plan.h"

namespace cloudmask::synthetic {

/// Fills `scene.reflectance` and `scene.brightness_temperature_k`: detector noise (constant in radiance, so that it
/// grows in kelvin towards the cold), packing to 0.01 K, saturation of S7 at 312 K by day, no reflectance by night in
/// most scenes.
void observe(const ScenePlan& plan, const Radiation& radiation, const Planck& planck, Scene& scene);

/// Takes away what products lack: the ends of the swath, a few lines or blocks. Labels and truth there become kUnknown.
void drop_pixels(const ScenePlan& plan, Scene& scene);

}  // namespace cloudmask::synthetic
