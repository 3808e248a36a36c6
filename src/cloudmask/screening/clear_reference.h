#pragma once

#include "cloudmask/scene/scene.h"
#include "cloudmask/screening/block_grid.h"

namespace cloudmask {

/// Tref, what S8 would be without cloud, judged from the warm pixels around: the 95th percentile of blocks of 25 px,
/// its maximum over 5x5 blocks, the mean of that over 3x3. It stands where operational masks have a climate or a
/// forecast. Under a sheet of cloud that is wider than the windows it is the cloud's. K; NaN where no block has a
/// value.
BlockGrid clear_reference(const PlaneView& s8_k, int threads);

/// The same from a scene, interpolated to its pixels: [H,W], NaN where no value is near. Missing pixels count nowhere.
std::vector<float> clear_reference_k(const Scene& scene, int threads);

}  // namespace cloudmask
