#pragma once

#include <array>
#include <cmath>
#include <vector>

namespace cloudmask {

/// Thermal bands in the order of Scene::brightness_temperature_k.
enum ThermalBand { kS7 = 0, kS8 = 1, kS9 = 2 };
inline constexpr std::array<float, 3> kWavelength_um = {3.742F, 10.854F, 12.0225F};

/// Planck's law at the centre wavelength of each thermal band, from a table with linear interpolation (error < 0.002
/// K). Radiances in W m-2 sr-1 um-1, temperatures in K, 150 to 400 (held at the ends); NaN gives NaN.
class Planck {
 public:
  Planck();

  float radiance(ThermalBand band, float temperature_k) const {
    if (std::isnan(temperature_k)) return temperature_k;
    float position = (temperature_k - kMin_k) * kStepsPerK;
    position = position < 0 ? 0 : (position > kLast ? kLast : position);
    const auto index = static_cast<int>(position);
    const auto& table = tables_[static_cast<std::size_t>(band)];
    const float low = table[static_cast<std::size_t>(index)];
    return low + (position - static_cast<float>(index)) * (table[static_cast<std::size_t>(index) + 1] - low);
  }

  /// Inverse of the law itself; NaN for a radiance that is not positive.
  static float temperature_k(ThermalBand band, float radiance);

 private:
  static constexpr float kMin_k = 150;
  static constexpr float kStepsPerK = 4;
  static constexpr float kLast = 1000;
  std::array<std::vector<float>, 3> tables_;
};

}  // namespace cloudmask
