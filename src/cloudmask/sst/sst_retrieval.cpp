#include "cloudmask/sst/sst_retrieval.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <numeric>

namespace cloudmask {
namespace {

constexpr int kSwathColumns = 1500;
constexpr int kTrackColumn = 998;

/// A granule can have a row or column less or more than its nominal size.
constexpr int kSwathTolerance_px = 2;

/// Colder is cloud or ice; the limit of SNAP's retrieval with these coefficients.
constexpr double kColdestSeen_k = 260;

double view_secant(double across_km) {
  constexpr double kEarth_km = 6371;
  constexpr double kOrbit_km = 815;
  const double centre_rad = std::abs(across_km) / kEarth_km;
  const double scan_rad = std::atan2(std::sin(centre_rad), (kEarth_km + kOrbit_km) / kEarth_km - std::cos(centre_rad));
  return 1 / std::cos(centre_rad + scan_rad);
}

double secant_of(float zenith_deg) { return 1 / std::cos(static_cast<double>(zenith_deg) * std::numbers::pi / 180); }

}  // namespace

std::vector<double> view_secants(int width_px) {
  std::vector<double> swath(static_cast<std::size_t>(std::max(width_px, kSwathColumns)));
  for (std::size_t column = 0; column < swath.size(); ++column) {
    swath[column] = view_secant(static_cast<double>(column) + 0.5 - kTrackColumn);
  }
  if (std::abs(width_px - kSwathColumns) <= kSwathTolerance_px) {
    swath.resize(static_cast<std::size_t>(width_px));
    return swath;
  }
  const double mean = std::accumulate(swath.begin(), swath.begin() + kSwathColumns, 0.0) / kSwathColumns;
  return std::vector<double>(static_cast<std::size_t>(width_px), mean);
}

double estimate_vapour_kg_m2(const ThermalBands& bands, double secant) {
  constexpr double kDry_k = 0.2;
  constexpr double kPerVapour_k = 0.045;
  constexpr double kMost_kg_m2 = 60;
  return std::clamp((bands.s8_k - bands.s9_k - kDry_k) / (kPerVapour_k * secant), 0.0, kMost_kg_m2);
}

std::string sst_algorithm(const Scene& scene) { return scene_in_daylight(scene) ? "N2" : "N3"; }

std::vector<float> retrieve_sst_k(const Scene& scene, const SstCoefficients& coefficients) {
  const bool day = scene_in_daylight(scene);
  const auto& zenith_deg = scene.geolocation.view_zenith_deg;
  const std::vector<double> by_column = zenith_deg.empty() ? view_secants(scene.width_px) : std::vector<double>();
  std::vector<float> sst_k(scene.pixels(), std::nanf(""));
  for (std::size_t i = 0; i < sst_k.size(); ++i) {
    const float* band_k = &scene.brightness_temperature_k[i * kBrightnessTemperatureBands];
    const ThermalBands bands{band_k[0], band_k[1], band_k[2]};
    if (pixel_missing(scene, i) || bands.s8_k < kColdestSeen_k || bands.s9_k < kColdestSeen_k) continue;
    const double secant = zenith_deg.empty() ? by_column[i % by_column.size()] : secant_of(zenith_deg[i]);
    if (std::isnan(secant)) continue;
    const ViewedAir air{estimate_vapour_kg_m2(bands, secant), secant};
    sst_k[i] = static_cast<float>(day ? coefficients.n2_k(bands, air) : coefficients.n3_k(bands, air));
  }
  return sst_k;
}

}  // namespace cloudmask
