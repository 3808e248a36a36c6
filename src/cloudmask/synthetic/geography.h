#pragma once

#include <cstdint>
#include <vector>

#include "cloudmask/synthetic/field.h"
#include "cloudmask/synthetic/scene_plan.h"

namespace cloudmask::synthetic {

/// The ground and the air of a scene without clouds.
struct Geography {
  Field elevation_km;                 ///< 0 at sea
  Field air_k;                        ///< near the ground, reduced to sea level; falls by kLapse_k_per_km upwards
  Field skin_k;                       ///< what the ground radiates with
  Field vapour_mm;                    ///< total column above the pixel, kg m-2
  Field dryness;                      ///< of land: 0 dense plants to 1 bare desert
  Field brightness;                   ///< of bare or planted land against its kind, about 0.7 to 1.4
  Field snow;                         ///< cover of land by snow, of sea by ice, 0 to 1
  std::vector<std::uint8_t> water;    ///< 1: sea or lake
  std::vector<std::uint8_t> surface;  ///< Surface values
};

inline constexpr float kLapse_k_per_km = 6.5F;

Geography make_geography(const ScenePlan& plan, const Viewing& viewing, const Flow& flow);

}  // namespace cloudmask::synthetic
