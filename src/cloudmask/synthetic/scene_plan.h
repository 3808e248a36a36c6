#pragma once

#include <array>
#include <cstdint>

#include "cloudmask/base/random.h"
#include "cloudmask/synthetic/field.h"

namespace cloudmask::synthetic {

enum class Region { kOcean, kCoast, kContinent, kDesert, kPolar, kTropics };

/// Cloud layers in the order in which they are laid over the ground. Also the values of the raster `cloud_kind`,
/// less 1.
enum CloudKind { kStratus = 0, kCumulus, kMid, kDeep, kCirrus, kCloudKinds };

/// Everything about a scene that is one number, drawn first. Temperatures of air are at sea level.
struct ScenePlan {
  GridSize size;
  std::uint64_t seed = 0;
  bool night = false;
  Region region = Region::kOcean;

  float latitude_deg = 0;     ///< of the middle row
  int first_column_px = 0;    ///< of the swath of 1500: a narrow scene is cut out of it
  float declination_deg = 0;  ///< of the sun
  float land_fraction = 0;
  float lake_fraction = 0;    ///< of the land
  float desert_fraction = 0;  ///< of the land
  float mountain_km = 0;      ///< height of the ranges
  float land_warmer_k = 0;    ///< air over land against sea
  float heating_k = 0;        ///< skin against air over dry ground: by day with the sun overhead, by night negative
  float front_k = 0;          ///< temperature step of ocean fronts
  float ice_fraction = 0;     ///< of the sea
  float snow_line_k = 0;      ///< air temperature below which snow lies
  float vapour_scale = 1;     ///< against the climate of the temperature
  float wind_ms = 6;

  double cloud_fraction = 0.5;              ///< of the scene, by the definition of truth
  std::array<double, kCloudKinds> cover{};  ///< share of each layer before all are widened or narrowed together
  float wind_angle_rad = 0;                 ///< direction of streaks
  float label_error = 0.11F;                ///< share of wrong labels
  float noise = 1;                          ///< of the detectors, times the usual
  float particle_size = 1;                  ///< of the clouds, times the usual
};

/// Seeds of the random streams of a scene; a new one must not disturb the others.
enum class Stream : std::uint64_t {
  kPlan,
  kFlowAlong,
  kFlowAcross,
  kContinent,
  kMountains,
  kDryness,
  kSoil,
  kFronts,
  kSkin,
  kVapour,
  kIce,
  kSnow,
  kLakes,
  kWind,
  kCloudShape = 100,
  kCloudTexture = 120,
  kCloudHeight = 140,
  kDroplets = 160,
  kNoise = 170,
  kMissing,
  kLabelPatches,
  kLabelSpeckle,
  kLabelSalt
};

inline std::uint64_t stream_seed(const ScenePlan& plan, Stream stream, std::uint64_t index = 0) {
  return mix_seed({plan.seed, static_cast<std::uint64_t>(stream), index});
}

inline float draw(Random& random, double low, double high) { return static_cast<float>(random.uniform(low, high)); }

ScenePlan plan_scene(GridSize size, std::uint64_t seed, bool night);

/// The two displacement fields that the clouds and the fronts of a scene share.
Flow make_flow(const ScenePlan& plan);

/// Share of the scene in the swath and its sun, by pixel.
struct Viewing {
  Field sun_cosine;                 ///< cosine of the solar zenith angle; 0 by night
  Field glint;                      ///< reflectance of the wind-ruffled sea by direct reflection of the sun; 0 by night
  std::vector<float> air_mass;      ///< secant of the view zenith angle, one a column
  std::vector<float> latitude_deg;  ///< one a row
};

Viewing make_viewing(const ScenePlan& plan);

/// Climatological temperature at the surface of the sea.
float sea_temperature_k(float latitude_deg);

}  // namespace cloudmask::synthetic
