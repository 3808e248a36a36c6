#pragma once

#include <vector>

#include "cloudmask/synthetic/field.h"
#include "cloudmask/synthetic/geography.h"
#include "cloudmask/synthetic/scene_plan.h"

namespace cloudmask::synthetic {

/// A pixel is cloud by truth when the optical depth (at 0.55 um) of the cloud in it, times the share of the pixel that
/// it covers, summed over the layers, exceeds this.
inline constexpr float kTruthOpticalDepth = 0.3F;

/// A layer in one pixel.
struct CloudPixel {
  float optical_depth = 0;  ///< of the covered part, at 0.55 um
  float cover = 0;          ///< share of the pixel
};

/// One layer over the scene. Its density in a pixel follows from how far `shape` exceeds `threshold`.
struct CloudLayer {
  CloudKind kind = kStratus;
  Field shape;
  Field texture;  ///< empty for cumulus
  Field top_km;
  float threshold = 0;
  float optical_depth = 1;  ///< typical, drawn for the scene
  float cells = 0;          ///< stratus: 0 closed cells to 1 open cells

  CloudPixel at(std::size_t pixel) const;
};

/// The layers in kCloudKinds' order, thresholds set so that `plan.cloud_fraction` of the scene is cloud by truth.
std::vector<CloudLayer> make_clouds(const ScenePlan& plan, const Flow& flow, const Geography& ground);

/// Temperature of the air `height_km` above sea level: constant lapse up to the tropopause.
struct AirColumn {
  float sea_level_k = 288;
  float tropopause_k = 215;

  float at(float height_km) const {
    const float value = sea_level_k - kLapse_k_per_km * height_km;
    return value > tropopause_k ? value : tropopause_k;
  }
};

/// Colder where the air below is warm: 193 K over the tropics, 218 K over the poles.
float tropopause_k(float latitude_deg);

}  // namespace cloudmask::synthetic
