#include "cloudmask/synthetic/scene_plan.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cloudmask::synthetic {
namespace {

constexpr int kSwathColumns = 1500;

/// What regions differ in: ranges from which a scene is drawn.
struct RegionRange {
  double share;  ///< of all scenes
  std::array<double, 2> latitude_deg;
  std::array<double, 2> land_fraction;
  std::array<double, 2> desert_fraction;
  std::array<double, 2> mountain_km;
  std::array<double, 2> land_warmer_k;
  std::array<double, kCloudKinds> cover;  ///< stratus, cumulus, mid, deep, cirrus
};

constexpr std::array<RegionRange, 6> kRegions = {{
    {0.20, {5, 58}, {0.0, 0.02}, {0, 0.3}, {0.2, 1.5}, {-2, 4}, {.28, .14, .12, .08, .14}},
    {0.26, {20, 60}, {.25, .65}, {0, 0.5}, {0.3, 2.0}, {-9, 9}, {.20, .12, .14, .09, .14}},
    {0.14, {28, 62}, {.90, 1.0}, {.05, .5}, {0.3, 3.0}, {-16, 9}, {.16, .12, .16, .10, .16}},
    {0.12, {15, 34}, {.70, 1.0}, {.75, 1.0}, {0.2, 1.8}, {-2, 12}, {.08, .08, .14, .06, .24}},
    {0.16, {62, 78}, {.15, .85}, {0, 0.2}, {0.2, 2.2}, {-22, 1}, {.28, .05, .20, .10, .16}},
    {0.12, {0, 15}, {.0, .75}, {0, 0.2}, {0.2, 2.0}, {-1, 3}, {.06, .18, .13, .15, .24}},
}};

float draw_from(Random& random, const std::array<double, 2>& range) {
  return static_cast<float>(random.uniform(range[0], range[1]));
}

Region draw_region(Random& random) {
  double left = random.uniform();
  std::size_t region = 0;
  while (region + 1 < kRegions.size() && left >= kRegions[region].share) left -= kRegions[region++].share;
  return static_cast<Region>(region);
}

void draw_ground(ScenePlan& plan, const RegionRange& range, Random& random) {
  const bool polar = plan.region == Region::kPolar;
  plan.land_fraction = draw_from(random, range.land_fraction);
  plan.lake_fraction = plan.region == Region::kDesert ? 0.002F : draw(random, 0.005, 0.05);
  plan.desert_fraction = draw_from(random, range.desert_fraction);
  plan.mountain_km = draw_from(random, range.mountain_km);
  plan.land_warmer_k = draw_from(random, range.land_warmer_k);
  plan.heating_k = plan.night ? -draw(random, 6, 16) : draw(random, 10, 26);
  if (polar) plan.heating_k *= 0.4F;
  plan.front_k = draw(random, 0.4, 2.4);
  plan.ice_fraction = polar && random.uniform() < 0.75 ? draw(random, 0.05, 0.8) : 0;
  plan.snow_line_k = draw(random, 269, 274);
  plan.vapour_scale = draw(random, 0.5, 1.3);
  plan.wind_ms = draw(random, 2.5, 10);
}

void draw_clouds(ScenePlan& plan, const RegionRange& range, Random& random) {
  plan.cloud_fraction = random.uniform(0.38, 0.67);
  double total = 0;
  for (std::size_t kind = 0; kind < kCloudKinds; ++kind) {
    const bool present = random.uniform() < 0.8;
    plan.cover[kind] = range.cover[kind] * random.uniform(0.3, 1.7) * (present ? 1 : 0);
    total += plan.cover[kind];
  }
  if (total < 0.15) {
    plan.cover[kStratus] += 0.15;
    plan.cover[kMid] += 0.12;
  }
  plan.wind_angle_rad = draw(random, 0, std::numbers::pi);
  plan.label_error = draw(random, 0.09, 0.14);
}

/// Facet slopes after Cox and Munk (1954), isotropic: reflectance of the direct sun on a sea under wind.
float glint_reflectance(float sun_cosine, float view_cosine, float azimuth_cosine, float wind_ms) {
  const float sines = std::sqrt((1 - sun_cosine * sun_cosine) * (1 - view_cosine * view_cosine));
  const float scattering = sun_cosine * view_cosine + sines * azimuth_cosine;  // cosine of twice the facet's incidence
  const float tilt = (sun_cosine + view_cosine) / std::sqrt(std::max(2 + 2 * scattering, 1e-6F));
  const float tilt_2 = tilt * tilt;
  const float variance = 0.003F + 0.00512F * wind_ms;
  const float slope_2 = (1 - tilt_2) / tilt_2;
  const float incidence = std::sqrt(std::max(0.5F * (1 + scattering), 0.0F));
  const float one_less = 1 - incidence;
  const float squared = one_less * one_less;
  const float fresnel = 0.0211F + 0.9789F * squared * squared * one_less;  // Schlick (1994), index 1.34
  return fresnel * std::exp(-slope_2 / variance) / (4 * variance * sun_cosine * view_cosine * tilt_2 * tilt_2);
}

/// View zenith angle on a spherical earth from 815 km, `across_km` from the track.
double view_zenith_rad(double across_km) {
  constexpr double kEarth_km = 6371;
  constexpr double kOrbit_km = 815;
  const double centre = across_km / kEarth_km;
  return centre + std::atan2(std::sin(centre), (kEarth_km + kOrbit_km) / kEarth_km - std::cos(centre));
}

}  // namespace

float sea_temperature_k(float latitude_deg) {
  const float cosine = std::cos(0.95F * latitude_deg * std::numbers::pi_v<float> / 180);
  return 271.4F + 30 * cosine * cosine;
}

ScenePlan plan_scene(GridSize size, std::uint64_t seed, bool night) {
  ScenePlan plan;
  plan.size = size;
  plan.seed = mix_seed({seed, night ? 1U : 0U});
  plan.night = night;
  Random random(stream_seed(plan, Stream::kPlan));
  plan.region = draw_region(random);
  const RegionRange& range = kRegions[static_cast<std::size_t>(plan.region)];
  plan.latitude_deg = draw_from(random, range.latitude_deg);
  // Northern summer lights the high latitudes; products of the polar night are night scenes.
  const double lowest = static_cast<double>(plan.latitude_deg) > 55 ? (plan.region == Region::kPolar ? 8 : 0) : -20;
  plan.declination_deg = draw(random, lowest, 23);
  if (size.width_px < kSwathColumns) {
    plan.first_column_px =
        static_cast<int>(random.below(std::uint64_t{1} + static_cast<std::uint64_t>(kSwathColumns - size.width_px)));
  }
  draw_ground(plan, range, random);
  draw_clouds(plan, range, random);
  return plan;
}

Flow make_flow(const ScenePlan& plan) {
  Random random(stream_seed(plan, Stream::kFlowAlong, 1));
  const float strength_px = draw(random, 10, 42);
  FractalOptions options{stream_seed(plan, Stream::kFlowAlong), 512, 64, 1.0F};
  Flow flow{fractal_field(plan.size, options), {}};
  options.seed = stream_seed(plan, Stream::kFlowAcross);
  flow.across_px = fractal_field(plan.size, options);
  for (float& value : flow.along_px.values) value *= strength_px;
  for (float& value : flow.across_px.values) value *= strength_px;
  return flow;
}

Viewing make_viewing(const ScenePlan& plan) {
  constexpr double kDegree = std::numbers::pi / 180;
  constexpr double kDegreePerKm = 1 / 111.2;
  constexpr int kTrackColumn = 998;  // of the swath: the nadir view reaches farther to one side
  const int height = plan.size.height_px;
  const int width = plan.size.width_px;
  Viewing viewing{{plan.size, std::vector<float>(plan.size.pixels(), 0.0F)},
                  {plan.size, std::vector<float>(plan.size.pixels(), 0.0F)},
                  {},
                  {}};
  // By day the satellite flies south and rows go south; by night it is the other way round.
  const int middle_row = height / 2;
  const double row_step_deg = (plan.night ? 1 : -1) * kDegreePerKm;
  for (int row = 0; row < height; ++row) {
    viewing.latitude_deg.push_back(plan.latitude_deg + static_cast<float>((row - middle_row) * row_step_deg));
  }
  std::vector<float> across_km;
  for (int column = 0; column < width; ++column) {
    across_km.push_back(static_cast<float>(column + plan.first_column_px - kTrackColumn));
    viewing.air_mass.push_back(static_cast<float>(1 / std::cos(view_zenith_rad(std::abs(across_km.back())))));
  }
  if (plan.night) return viewing;

  const double declination = plan.declination_deg * kDegree;
  const double km_per_degree_east = 111.2 * std::cos(plan.latitude_deg * kDegree);
  std::vector<double> hour_cosine;
  hour_cosine.reserve(across_km.size());
  for (const float east_km : across_km) {  // 10:00 local time below the satellite
    hour_cosine.push_back(std::cos((east_km / km_per_degree_east - 30) * kDegree));
  }
  std::size_t pixel = 0;
  for (int row = 0; row < height; ++row) {
    const double latitude = viewing.latitude_deg[static_cast<std::size_t>(row)] * kDegree;
    const double constant = std::sin(latitude) * std::sin(declination);
    const double factor = std::cos(latitude) * std::cos(declination);
    for (std::size_t i = 0; i < across_km.size(); ++i, ++pixel) {
      viewing.sun_cosine[pixel] = static_cast<float>(std::max(0.17, constant + factor * hour_cosine[i]));
      // The sun stands at about 130 degrees; the satellite is seen at 285 degrees from the east of the track.
      const float azimuth_cosine = across_km[i] > 0 ? -0.906F : 0.906F;
      viewing.glint[pixel] =
          glint_reflectance(viewing.sun_cosine[pixel], 1 / viewing.air_mass[i], azimuth_cosine, plan.wind_ms);
    }
  }
  return viewing;
}

}  // namespace cloudmask::synthetic
