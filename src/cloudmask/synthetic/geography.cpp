#include "cloudmask/synthetic/geography.h"

#include <algorithm>
#include <cmath>

#include "cloudmask/scene/scene.h"

namespace cloudmask::synthetic {
namespace {

Field empty_field(GridSize size) { return {size, std::vector<float>(size.pixels(), 0.0F)}; }

/// Sea, land and lakes from one fractal whose highest part is land; hills grow inland, ranges are ridges of a second
/// one.
void make_land(const ScenePlan& plan, const Flow& flow, Geography& ground) {
  Random random(stream_seed(plan, Stream::kContinent, 1));
  const float angle = draw(random, 0, 3);
  const Field continent =
      flowing_field(flow, {angle, 1, 0.6F}, {stream_seed(plan, Stream::kContinent), 1024, 2, 0.85F});
  const Field ranges =
      flowing_field(flow, {angle + 1, 1.5F, 0.8F}, {stream_seed(plan, Stream::kMountains), 256, 2, 0.8F});
  const Field uplands = fractal_field(plan.size, {stream_seed(plan, Stream::kMountains, 1), 600, 32, 0.8F});
  const Field lakes = flowing_field(flow, {angle, 1.6F, 1}, {stream_seed(plan, Stream::kLakes), 40, 2, 0.6F});
  const bool all_sea = plan.land_fraction < 0.003F;
  const float shore = all_sea ? 1e9F : value_exceeded_by(continent, static_cast<double>(plan.land_fraction));
  const float lake_shore = value_exceeded_by(lakes, static_cast<double>(plan.lake_fraction));
  for (std::size_t i = 0; i < ground.water.size(); ++i) {
    const float inland = continent[i] - shore;
    const bool lake = lakes[i] > lake_shore;
    ground.water[i] = inland < 0 || lake ? 1 : 0;
    if (inland < 0) continue;
    const float ridge = std::max(0.0F, 1.2F - 1.6F * std::abs(ranges[i]));
    const float raised = smooth_step(0.1F, 1.3F, uplands[i]);
    const float rise = std::min(1.0F, inland * 1.5F);
    ground.elevation_km[i] = lake ? 0.1F * rise : rise * (0.2F + 0.4F * raised + plan.mountain_km * raised * ridge);
  }
}

/// Bare ground where a smooth field is high and, everywhere, a little mottled.
void make_dryness(const ScenePlan& plan, const Flow& flow, Geography& ground) {
  const Field pattern = flowing_field(flow, {0.3F, 1.5F, 0.7F}, {stream_seed(plan, Stream::kDryness), 512, 2, 0.6F});
  const Field mottling = flowing_field(flow, {1.2F, 1.3F, 0.4F}, {stream_seed(plan, Stream::kSoil), 64, 2, 0.45F});
  const float edge = value_exceeded_by(pattern, static_cast<double>(plan.desert_fraction));
  for (std::size_t i = 0; i < ground.water.size(); ++i) {
    if (ground.water[i] != 0) continue;
    ground.dryness[i] = smooth_step(-0.9F, 0.9F, pattern[i] - edge + 0.15F * mottling[i]);
    ground.brightness[i] = std::clamp(1 + 0.14F * mottling[i] - 0.08F * pattern[i], 0.6F, 1.5F);
  }
}

float sea_skin_k(const ScenePlan& plan, float climate_k, float fronts, float swirl) {
  const float step = std::tanh(3 * fronts);
  return std::max(271.3F, climate_k + plan.front_k * (0.7F * step + 0.3F * fronts) + 0.06F * swirl);
}

/// Temperatures of sea, land and air. Land heats up by day and cools by night, dry land and thin air most.
void make_temperature(const ScenePlan& plan, const Viewing& viewing, const Flow& flow, Geography& ground) {
  const Field fronts = flowing_field(flow, {0.8F, 1.6F, 1.6F}, {stream_seed(plan, Stream::kFronts), 256, 4, 0.95F});
  const Field patches = fractal_field(plan.size, {stream_seed(plan, Stream::kSkin), 96, 2, 0.55F});
  const auto width = static_cast<std::size_t>(plan.size.width_px);
  for (std::size_t i = 0; i < ground.water.size(); ++i) {
    const float climate_k = sea_temperature_k(viewing.latitude_deg[i / width]);
    const float sea_k = sea_skin_k(plan, climate_k, fronts[i], patches[i]);
    const float height_km = ground.elevation_km[i];
    const float inland = std::min(1.0F, height_km * 5);
    ground.air_k[i] = sea_k - 0.8F + inland * plan.land_warmer_k + 0.4F * patches[i];
    if (ground.water[i] != 0) {
      const float lake_k = inland > 0 ? std::max(273.5F, sea_k + 0.4F * plan.land_warmer_k) : sea_k;
      ground.skin_k[i] = lake_k;
      continue;
    }
    const float sun = plan.night ? 1 : viewing.sun_cosine[i];
    const float dry = 0.3F + 0.7F * ground.dryness[i];
    const float swing = plan.heating_k * sun * dry * (1 + 0.12F * patches[i]);
    ground.skin_k[i] = ground.air_k[i] - kLapse_k_per_km * height_km + swing + 0.7F * patches[i];
  }
}

/// Snow above the snow line, thinning out across it; sea ice in floes towards the pole, with skin as cold as the air
/// allows.
void make_snow(const ScenePlan& plan, const Viewing& viewing, Geography& ground) {
  const Field pattern = fractal_field(plan.size, {stream_seed(plan, Stream::kSnow), 128, 2, 0.6F});
  const Field floes = fractal_field(plan.size, {stream_seed(plan, Stream::kIce), 400, 2, 0.5F});
  const auto width = static_cast<std::size_t>(plan.size.width_px);
  Field ice = floes;
  for (std::size_t i = 0; i < ice.values.size(); ++i)
    ice[i] += 0.35F * (viewing.latitude_deg[i / width] - plan.latitude_deg);
  const float edge = value_exceeded_by(ice, static_cast<double>(plan.ice_fraction));
  const float ice_air_k = 271 + std::min(0.0F, plan.land_warmer_k) * (plan.night ? 0.9F : 0.5F);
  for (std::size_t i = 0; i < ice.values.size(); ++i) {
    if (ground.water[i] != 0) {
      if (plan.ice_fraction <= 0 || ground.elevation_km[i] > 0) continue;
      const float cover = smooth_step(-0.1F, 0.35F, ice[i] - edge);
      const float floe_k = ice_air_k + 1.2F * pattern[i];
      ground.snow[i] = cover;
      ground.air_k[i] += cover * (ice_air_k - ground.air_k[i]);
      ground.skin_k[i] += cover * (std::min(floe_k, 273.0F) - ground.skin_k[i]);
      continue;
    }
    const float air_k = ground.air_k[i] - kLapse_k_per_km * ground.elevation_km[i];
    const float cover = smooth_step(-1.5F, 2.5F, plan.snow_line_k - air_k + 2.5F * pattern[i]);
    ground.snow[i] = cover;
    const float snow_k = std::min(273.0F, air_k - (plan.night ? 3.0F : 0.0F) + 0.8F * pattern[i]);
    ground.skin_k[i] += cover * (snow_k - ground.skin_k[i]);
  }
}

/// Water vapour follows the warmth of the air (Clausius and Clapeyron), is lower over dry and high ground, and streams.
void make_vapour(const ScenePlan& plan, const Flow& flow, Geography& ground) {
  const Field streams =
      flowing_field(flow, {plan.wind_angle_rad, 2, 1.2F}, {stream_seed(plan, Stream::kVapour), 512, 8, 0.7F});
  for (std::size_t i = 0; i < ground.water.size(); ++i) {
    const float warmth = std::exp(0.062F * (std::min(ground.air_k[i], 303.0F) - 300));
    const float relative = std::clamp(plan.vapour_scale * (1 + 0.3F * streams[i]), 0.25F, 1.5F);
    const float dry = 1 - 0.5F * ground.dryness[i];
    ground.vapour_mm[i] = 40 * warmth * relative * dry * std::exp(-ground.elevation_km[i] / 2.2F);
  }
}

void name_surface(Geography& ground) {
  for (std::size_t i = 0; i < ground.water.size(); ++i) {
    Surface surface = Surface::kSea;
    if (ground.water[i] != 0) {
      if (ground.snow[i] > 0.5F) surface = Surface::kSeaIce;
    } else {
      surface = ground.snow[i] > 0.5F ? Surface::kSnow : (ground.dryness[i] > 0.5F ? Surface::kDesert : Surface::kLand);
    }
    ground.surface[i] = static_cast<std::uint8_t>(surface);
  }
}

}  // namespace

Geography make_geography(const ScenePlan& plan, const Viewing& viewing, const Flow& flow) {
  Geography ground;
  for (Field* field : {&ground.elevation_km, &ground.air_k, &ground.skin_k, &ground.vapour_mm, &ground.dryness,
                       &ground.brightness, &ground.snow}) {
    *field = empty_field(plan.size);
  }
  ground.water.assign(plan.size.pixels(), 1);
  ground.surface.assign(plan.size.pixels(), 0);
  make_land(plan, flow, ground);
  make_dryness(plan, flow, ground);
  make_temperature(plan, viewing, flow, ground);
  make_snow(plan, viewing, ground);
  make_vapour(plan, flow, ground);
  name_surface(ground);
  return ground;
}

}  // namespace cloudmask::synthetic
