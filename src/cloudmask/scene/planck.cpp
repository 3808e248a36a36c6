#include "cloudmask/scene/planck.h"

#include <cmath>
#include <limits>

namespace cloudmask {
namespace {

constexpr double kFirst = 1.191042e8;  ///< 2 h c^2, W m-2 sr-1 um^4
constexpr double kSecond = 14387.77;   ///< h c / k, um K

}  // namespace

Planck::Planck() {
  for (std::size_t band = 0; band < tables_.size(); ++band) {
    const double wavelength = static_cast<double>(kWavelength_um[band]);
    for (int i = 0; i <= static_cast<int>(kLast) + 1; ++i) {
      const double temperature = static_cast<double>(kMin_k) + i / static_cast<double>(kStepsPerK);
      const double value = kFirst / std::pow(wavelength, 5) / std::expm1(kSecond / (wavelength * temperature));
      tables_[band].push_back(static_cast<float>(value));
    }
  }
}

float Planck::temperature_k(ThermalBand band, float radiance) {
  if (!(radiance > 0)) return std::numeric_limits<float>::quiet_NaN();
  const float wavelength = kWavelength_um[static_cast<std::size_t>(band)];
  const float wavelength_5 = wavelength * wavelength * wavelength * wavelength * wavelength;
  return static_cast<float>(kSecond) /
         (wavelength * std::log1p(static_cast<float>(kFirst) / (wavelength_5 * radiance)));
}

}  // namespace cloudmask
