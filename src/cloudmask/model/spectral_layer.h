#pragma once

#include "cloudmask/model/model_content.h"

namespace cloudmask {

/// The fixed first layer of Normalisation::kSpectral and kBackground. The reference's scaling (22 K a unit) hides what
/// tells clouds apart by night: low stratus is 1 to 5 K warmer at 10.85 than at 3.74 um, thin cirrus 1 to 6 K warmer
/// at 10.85 than at 12 um (Saunders and Kriebel 1988). Each feature is tanh of a linear function of the nine channels:
///   (S7 - S8) / 1 K, / 4 K and / 20 K, (S8 - S9) / 1 K, S4 / 0.05 (cirrus, 1.375 um), S3 / 0.15 and S5 / 0.15 (thin
///   cloud over a dark sea), (S1 - S5) / 0.3 (snow is bright in the visible and dark at 1.61 um);
/// with Normalisation::kBackground also (Tref - S8) / 3 K and / 12 K: cloud is colder than the ground.
/// tanh bounds them, so that a missing or saturated channel cannot drown the others. Nothing for kReference.
ConvWeights make_spectral_layer(Normalisation normalisation);

}  // namespace cloudmask
