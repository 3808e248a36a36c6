#include "cloudmask/data/augmentation.h"

#include <algorithm>

#include "cloudmask/data/network_input.h"

namespace cloudmask {

Augmentation draw_augmentation(Random& random, const AugmentationLimits& limits) {
  Augmentation augmentation;
  augmentation.symmetry = static_cast<Symmetry>(random.below(kSymmetries));
  augmentation.warmer_k = static_cast<float>(limits.temperature_jitter_k * random.uniform(-1, 1));
  augmentation.brighter = static_cast<float>(1 + limits.reflectance_jitter * random.uniform(-1, 1));
  return augmentation;
}

void shift_radiometry(const Augmentation& augmentation, const UnpackedPatch& patch) {
  const float warmer = augmentation.warmer_k / kTemperatureUnit_k;
  const float* const end = patch.input + patch.pixels() * static_cast<std::size_t>(patch.channels);
  for (float* input = patch.input; input < end; input += patch.channels) {
    if (std::all_of(input, input + patch.channels, [](float value) { return value == 0; })) continue;
    for (int band = 0; band < kReflectanceBands; ++band) {
      input[band] = (input[band] + kReflectanceOffset) * augmentation.brighter - kReflectanceOffset;
    }
    for (int band = kReflectanceBands; band < patch.channels; ++band) input[band] += warmer;
  }
}

}  // namespace cloudmask
