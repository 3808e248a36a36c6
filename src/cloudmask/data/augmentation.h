#pragma once

#include "cloudmask/base/random.h"
#include "cloudmask/data/packed_patches.h"
#include "cloudmask/data/patch_edit.h"

namespace cloudmask {

/// How much training patches are varied, beside the eight symmetries of the square.
struct AugmentationLimits {
  double temperature_jitter_k = 0;  ///< all three brightness temperatures together, warmer or colder by up to this
  double reflectance_jitter = 0;    ///< all six reflectances together, brighter or darker by up to this share
};

/// What is done to one patch. The temperature jitter keeps the differences between channels and pixels, which tell
/// cloud by night, and hides how warm a surface is, of which a few hundred scenes show only a few cases.
struct Augmentation {
  Symmetry symmetry = 0;
  float warmer_k = 0;
  float brighter = 1;
};

/// Uniform within the limits; takes the same numbers from `random` whatever the limits are.
Augmentation draw_augmentation(Random& random, const AugmentationLimits& limits);

/// Applies warmer_k and brighter to the patch's input; missing pixels (all 0) stay.
void shift_radiometry(const Augmentation& augmentation, const UnpackedPatch& patch);

}  // namespace cloudmask
