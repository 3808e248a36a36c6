#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cloudmask/base/uninitialised.h"
#include "cloudmask/config/options.h"

namespace cloudmask {

inline constexpr int kReflectanceBands = 6;            ///< S1 0.555, S2 0.659, S3 0.865, S4 1.375, S5 1.61, S6 2.25 um
inline constexpr int kBrightnessTemperatureBands = 3;  ///< S7 3.74, S8 10.85, S9 12.0 um
inline constexpr int kChannels = kReflectanceBands + kBrightnessTemperatureBands;  ///< S1 to S9

inline constexpr std::uint8_t kClear = 0;      ///< in a label or truth raster
inline constexpr std::uint8_t kCloud = 1;      ///< in a label or truth raster
inline constexpr std::uint8_t kUnknown = 255;  ///< in a label or truth raster

/// Where and when a scene was seen. A raster is [H,W] in degrees, NaN where not known, and empty when the file has none
/// or nobody asked for it.
struct Geolocation {
  UninitialisedVector<float> latitude_deg;     ///< north
  UninitialisedVector<float> longitude_deg;    ///< east
  UninitialisedVector<float> sun_zenith_deg;   ///< of the sun, seen from the ground
  UninitialisedVector<float> view_zenith_deg;  ///< of the satellite, seen from the ground
  std::string start_time;                      ///< ISO 8601, UTC; empty when not known
  std::string stop_time;                       ///< the same
};

/// One SLSTR scene on the 1 km grid of its view. Rasters are row-major, channels last; a missing value is NaN.
struct Scene {
  std::string name;  ///< file name
  /// That it was read in.
  View view = View::kNadir;
  /// H, along the track.
  int height_px = 0;
  /// W, across it.
  int width_px = 0;
  UninitialisedVector<float> reflectance;               ///< [H,W,6], 0 to about 1.2; NaN by night in most products
  UninitialisedVector<float> brightness_temperature_k;  ///< [H,W,3]
  std::vector<std::uint8_t> label;    ///< [H,W] provider's Bayesian mask; empty when the file has none
  std::vector<std::uint8_t> summary;  ///< [H,W] provider's threshold tests together; of products only, else empty
  std::vector<std::uint8_t> truth;    ///< [H,W] synthetic scenes only, else empty
  std::vector<std::uint8_t> surface;  ///< [H,W] Surface values where known, else empty
  /// As far as known.
  Geolocation geolocation;

  /// Height times width.
  std::size_t pixels() const { return static_cast<std::size_t>(height_px) * static_cast<std::size_t>(width_px); }
};

/// What the results of a scene are named after, before their own ending: the file name, with `.oblique` behind it for
/// that view, so that results of both views lie side by side.
std::string result_name(const std::filesystem::path& scene, View view);

/// Values of Scene::surface.
enum class Surface : std::uint8_t { kSea = 0, kLand = 1, kDesert = 2, kSnow = 3, kSeaIce = 4, kNotKnown = 255 };

/// A pixel is missing when S8 or S9 is: no method can judge it. It stays out of loss and scores, its mask is NaN.
/// (S7 alone may be missing, it saturates over hot ground; reflectances are missing by night.)
bool pixel_missing(const Scene& scene, std::size_t pixel);

/// True where the sun lights the pixel: a visible reflectance (S1 to S3) above 0.02. Works without sun angles, which
/// the benchmark's files do not carry.
bool pixel_in_daylight(const Scene& scene, std::size_t pixel);

/// A scene is a day scene when more than half of its pixels that are not missing are in daylight.
bool scene_in_daylight(const Scene& scene);

}  // namespace cloudmask
