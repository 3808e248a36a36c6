#include "cloudmask/synthetic/radiation.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "cloudmask/synthetic/optics.h"

namespace cloudmask::synthetic {
namespace {

constexpr float kVapourScale_km = 2.2F;
constexpr float kSunS7 = 10.8F;  ///< W m-2 um-1 at 3.74 um
constexpr float kTopOfAtmosphere_km = 60;

/// exp(-x) for small and large x >= 0 alike, good to 1 % where it matters and far cheaper.
float attenuation(float x) { return 1 / (1 + x * (1 + x * (0.5F + x * (0.1667F + 0.045F * x)))); }

/// The air of one pixel, as seen by the satellite.
struct Column {
  AirColumn air;
  float vapour_mm = 0;
  float ground_km = 0;
  float air_mass = 1;
  float sun_cosine = 0;
  float sky_mass = 2;  ///< air mass down from the sun and up to the satellite
};

/// One pixel on its way up: what leaves the level reached so far.
struct Beam {
  std::array<float, kReflectanceBands> reflectance{};
  std::array<float, kBrightnessTemperatureBands> radiance{};
  float level_km = 0;
  float vapour_above = 1;  ///< share of the column's vapour above the level
};

class Radiator {
 public:
  Radiator(const ScenePlan& plan, const Planck& planck) : planck_(planck) {
    Random random(stream_seed(plan, Stream::kDroplets));
    for (int kind = 0; kind < kCloudKinds; ++kind) {
      optics_[static_cast<std::size_t>(kind)] = draw_optics(static_cast<CloudKind>(kind), plan.particle_size, random);
    }
    haze_ = draw(random, 0.6, 1.5);
  }

  Beam from_ground(const Column& column, const Geography& ground, std::size_t pixel, float glint) const {
    const float snow = ground.snow[pixel];
    const float dryness = ground.dryness[pixel];
    const bool water = ground.water[pixel] != 0;
    const auto mix = [&](auto property) {
      const float bare = water ? property(kSeaWater) : (1 - dryness) * property(kPlants) + dryness * property(kDesert);
      return bare + snow * (property(kSnow) - bare);
    };
    Beam beam;
    beam.level_km = ground.elevation_km[pixel];
    for (std::size_t band = 0; band < 3; ++band) {
      const float emissivity = mix([band](const Material& m) { return m.emissivity[band]; });
      // What the ground does not emit it reflects: a cold sky.
      beam.radiance[band] = emissivity * planck_.radiance(static_cast<ThermalBand>(band), ground.skin_k[pixel]);
      beam.radiance[band] +=
          (1 - emissivity) * sky_[band] * planck_.radiance(static_cast<ThermalBand>(band), column.air.at(3));
    }
    if (column.sun_cosine <= 0) return beam;
    const float mirror = water ? glint * (1 - snow) : 0;
    const float emissivity_s7 = mix([](const Material& m) { return m.emissivity[0]; });
    const float diffuse_s7 = water && snow < 0.5F ? 0.004F : 1 - emissivity_s7;
    beam.radiance[kS7] += sunlight_s7(column) * (diffuse_s7 + 0.9F * mirror);
    const float bright = water ? 1 : ground.brightness[pixel] + snow * (1 - ground.brightness[pixel]);
    for (std::size_t band = 0; band < kReflectanceBands; ++band) {
      const float transmitted = 1 - haze_ * kSkyScattering[band] * column.sky_mass;
      const float own = bright * mix([band](const Material& m) { return m.reflectance[band]; });
      beam.reflectance[band] = (own + mirror) * transmitted + haze_ * kSkyScattering[band] * column.sky_mass * 0.5F;
    }
    beam.reflectance[3] *= vapour_window_s4(column, column.vapour_mm);
    return beam;
  }

  /// Through the air to `to_km`: absorption and emission by water vapour and the well-mixed gases.
  void rise(Beam& beam, const Column& column, float to_km) const {
    if (to_km <= beam.level_km) return;
    const float above = to_km >= kTopOfAtmosphere_km ? 0 : std::exp(-(to_km - column.ground_km) / kVapourScale_km);
    const float vapour_mm = column.vapour_mm * (beam.vapour_above - above) * column.air_mass;
    const float gases = (beam.vapour_above - above) * column.air_mass;
    const float air_k = column.air.at(beam.level_km + std::min(1.8F, 0.5F * (to_km - beam.level_km)));
    const float damp = vapour_mm * (0.0045F + 0.00009F * column.vapour_mm * (beam.vapour_above + above));
    const std::array<float, 3> depth = {0.05F * gases + 0.0055F * vapour_mm, 0.03F * gases + damp,
                                        0.035F * gases + 1.8F * damp};
    for (std::size_t band = 0; band < 3; ++band) {
      const float passed = attenuation(depth[band]);
      const float glow = planck_.radiance(static_cast<ThermalBand>(band), air_k);
      beam.radiance[band] = glow + passed * (beam.radiance[band] - glow);
    }
    beam.level_km = to_km;
    beam.vapour_above = above;
  }

  /// Through one cloud layer that covers a share of the pixel.
  void cross(Beam& beam, const Column& column, const CloudPixel& cloud, CloudKind kind) const {
    const CloudOptics& optics = optics_[static_cast<std::size_t>(kind)];
    const float slant = cloud.optical_depth * std::sqrt(column.air_mass);
    const float cloud_k = column.air.at(beam.level_km);
    // Diffuse light: reflectance x / (1 + x) without absorption, tending to the limit of a thick cloud with it.
    const float scattered = 0.75F * optics.backscatter * cloud.optical_depth / (0.4F + 0.9F * kNightSun(column));
    const auto reflected = [scattered](float limit) { return limit * scattered / (limit + scattered); };

    std::array<float, 3> emitted{};
    for (std::size_t band = 0; band < 3; ++band) emitted[band] = 1 - attenuation(optics.absorption[band] * slant);
    const float mirror_s7 = reflected(optics.reflectance_limit_s7);
    emitted[0] *= 1 - optics.reflectance_limit_s7;
    for (std::size_t band = 0; band < 3; ++band) {
      const float passed = std::max(0.0F, 1 - emitted[band] - (band == 0 ? mirror_s7 : 0));
      const float covered =
          passed * beam.radiance[band] + emitted[band] * planck_.radiance(static_cast<ThermalBand>(band), cloud_k);
      beam.radiance[band] += cloud.cover * (covered - beam.radiance[band]);
    }
    if (column.sun_cosine <= 0) return;
    beam.radiance[kS7] += cloud.cover * mirror_s7 * sunlight_s7(column);

    const float white = reflected(1);
    const std::array<float, kReflectanceBands> top = {
        white, white, white, 0, reflected(optics.reflectance_limit_s5), reflected(optics.reflectance_limit_s6)};
    const float lost_s5 = attenuation(optics.loss_s5 * slant);
    const float lost_s6 = attenuation(optics.loss_s6 * slant);
    for (std::size_t band = 0; band < kReflectanceBands; ++band) {
      if (band == 3) continue;
      float through = 1 - white;
      if (band == 4) through *= lost_s5;
      if (band == 5) through *= lost_s6;
      const float below = beam.reflectance[band];
      const float covered = top[band] + through * through * below / (1 - std::min(0.95F, top[band] * below));
      beam.reflectance[band] += cloud.cover * (covered - below);
    }
    const float window = vapour_window_s4(column, column.vapour_mm * beam.vapour_above);
    const float high = reflected(optics.reflectance_limit_s5 * 0.5F + 0.5F) * window;
    beam.reflectance[3] += cloud.cover * (high - white * beam.reflectance[3]);
  }

 private:
  static float kNightSun(const Column& column) { return column.sun_cosine > 0 ? column.sun_cosine : 0.5F; }

  static float sunlight_s7(const Column& column) {
    return 0.85F * column.sun_cosine * kSunS7 / std::numbers::pi_v<float>;
  }

  /// S4 sits on strong lines of water vapour: transmission falls with the square root of the amount.
  static float vapour_window_s4(const Column& column, float vapour_mm) {
    return std::exp(-2.6F * std::sqrt(0.5F * column.sky_mass * vapour_mm));
  }

  /// Optical depth of molecules and aerosol, as reflectance per unit air mass.
  static constexpr std::array<float, kReflectanceBands> kSkyScattering = {.045F, .024F, .010F, .002F, .003F, .001F};
  /// Emissivity of the clear sky below 3 km in the thermal bands.
  static constexpr std::array<float, 3> sky_ = {.4F, .35F, .45F};

  const Planck& planck_;
  std::array<CloudOptics, kCloudKinds> optics_;
  float haze_ = 1;
};

Column column_of(const Viewing& viewing, const Geography& ground, std::size_t pixel, std::size_t width) {
  Column column;
  column.air = {ground.air_k[pixel], tropopause_k(std::abs(viewing.latitude_deg[pixel / width]))};
  column.vapour_mm = ground.vapour_mm[pixel];
  column.ground_km = ground.elevation_km[pixel];
  column.air_mass = viewing.air_mass[pixel % width];
  column.sun_cosine = viewing.sun_cosine[pixel];
  column.sky_mass = column.air_mass + 1 / std::max(column.sun_cosine, 0.17F);
  return column;
}

}  // namespace

RadiationResult radiate(const ScenePlan& plan, const Viewing& viewing, const Geography& ground,
                        const std::vector<CloudLayer>& layers, const Planck& planck) {
  const Radiator radiator(plan, planck);
  const std::size_t pixels = plan.size.pixels();
  const auto width = static_cast<std::size_t>(plan.size.width_px);
  RadiationResult result;
  for (Radiation* radiation : {&result.clear, &result.cloudy}) {
    radiation->reflectance.resize(pixels);
    radiation->radiance.resize(pixels);
  }
  for (std::size_t i = 0; i < pixels; ++i) {
    const Column column = column_of(viewing, ground, i, width);
    Beam beam = radiator.from_ground(column, ground, i, viewing.glint[i]);
    Beam clear = beam;
    radiator.rise(clear, column, kTopOfAtmosphere_km);
    result.clear.reflectance[i] = clear.reflectance;
    result.clear.radiance[i] = clear.radiance;
    for (const CloudLayer& layer : layers) {
      const CloudPixel cloud = layer.at(i);
      if (cloud.optical_depth * cloud.cover <= 0) continue;
      radiator.rise(beam, column, layer.top_km[i]);
      radiator.cross(beam, column, cloud, layer.kind);
    }
    radiator.rise(beam, column, kTopOfAtmosphere_km);
    result.cloudy.reflectance[i] = beam.reflectance;
    result.cloudy.radiance[i] = beam.radiance;
  }
  return result;
}

}  // namespace cloudmask::synthetic
