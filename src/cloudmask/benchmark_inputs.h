#pragma once

#include "cloudmask/config/options.h"
#include "cloudmask/scene/scene.h"
#include "cloudmask/training/batch.h"

namespace cloudmask {

/// A batch of `config`'s size on the CPU, with random values and labels and every pixel known.
Batch random_batch(const Config& config);

/// With data in every pixel; the same each time.
Scene random_scene(int height_px, int width_px);

}  // namespace cloudmask
