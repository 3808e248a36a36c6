#pragma once

namespace cloudmask {

/// The reference's scaling of the nine channels (slstr_cloud's data_loader.py): reflectance - 0.5 and
/// (brightness temperature - 270 K) / 22 K.
inline constexpr float kReflectanceOffset = 0.5F;
inline constexpr float kTemperatureOffset_k = 270.0F;
inline constexpr float kTemperatureUnit_k = 22.0F;

}  // namespace cloudmask
