#pragma once

#include "cloudmask/scene/scene.h"

namespace cloudmask {

/// The reference's scaling of the nine channels (slstr_cloud's data_loader.py): reflectance - 0.5 and
/// (brightness temperature - 270 K) / 22 K. `network_input` writes it for one pixel.
///
/// Missing values: a missing pixel (pixel_missing) is 0 in all channels, like the outside of the scene. In a pixel that
/// has its temperatures a missing reflectance counts as 0, since by night some products write zeros and some fill
/// values; a missing S7 counts as S8, so that their difference says nothing.
inline constexpr float kReflectanceOffset = 0.5F;
inline constexpr float kTemperatureOffset_k = 270.0F;
inline constexpr float kTemperatureUnit_k = 22.0F;

void network_input(const Scene& scene, std::size_t pixel, float* channels);

}  // namespace cloudmask
