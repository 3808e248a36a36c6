#include "cloudmask/simulation/simulated_cloud.h"

#include <algorithm>
#include <cmath>

namespace cloudmask {
namespace {

float draw(Random& random, Range range) { return static_cast<float>(random.uniform(range.low, range.high)); }

struct Kind {
  double share;  ///< of all clouds drawn
  FractalBank::Texture texture;
  Range magnification;
  Range cover;          ///< of the patch
  Range optical_depth;  ///< where the field exceeds its threshold by one standard deviation or so
  Range colder_k;       ///< top against ground by day
  Range colder_night_k;
  Range rim;  ///< standard deviations of the field over which the pixel fills with cloud
  bool ice;   ///< deep or high: of crystals, and above most of the vapour
};

using Texture = FractalBank::Texture;
constexpr std::array<Kind, 6> kKinds{{
    {.24, Texture::kSmooth, {1, 3}, {.1, .9}, {2, 16}, {0, 9}, {-4, 8}, {.02, .4}, false},      // stratus
    {.08, Texture::kRough, {.5, 2}, {.1, .8}, {1, 10}, {0, 9}, {-4, 8}, {.05, .6}, false},      // its broken form
    {.16, Texture::kRough, {.2, .8}, {.05, .5}, {3, 16}, {3, 18}, {3, 15}, {.3, 1.5}, false},   // cumulus
    {.22, Texture::kSmooth, {.7, 3}, {.1, .8}, {2, 18}, {12, 40}, {12, 40}, {.02, .5}, false},  // mid
    {.08, Texture::kSmooth, {1, 4}, {.1, .8}, {8, 40}, {38, 85}, {38, 85}, {.01, .1}, true},    // deep
    {.22, Texture::kStreaks, {.6, 3}, {.1, .8}, {.3, 3}, {30, 72}, {30, 72}, {.01, .2}, true},  // cirrus
}};

const Kind& draw_kind(Random& random) {
  double left = random.uniform();
  std::size_t kind = 0;
  while (kind + 1 < kKinds.size() && left >= kKinds[kind].share) left -= kKinds[kind++].share;
  return kKinds[kind];
}

ParticleOptics draw_optics(const OpticRanges& ranges, Random& random) {
  std::array<float, kOptics> drawn{};
  std::transform(ranges.begin(), ranges.end(), drawn.begin(), [&](Range range) { return draw(random, range); });
  const auto of = [&](Optic optic) { return drawn[static_cast<std::size_t>(optic)]; };
  const float s8 = of(Optic::kAbsorptionS8);
  const float visible = of(Optic::kWhiteS1);
  ParticleOptics optics;
  optics.absorption = {s8 * of(Optic::kAbsorptionS7), s8, s8 * of(Optic::kAbsorptionS9)};
  optics.emissivity_s7 = of(Optic::kEmissivityS7);
  optics.backscatter = of(Optic::kBackscatter);
  optics.whiteness = {visible,
                      visible * of(Optic::kWhiteS2),
                      visible * of(Optic::kWhiteS3),
                      of(Optic::kWhiteS4),
                      of(Optic::kWhiteS5),
                      of(Optic::kWhiteS6)};
  optics.sunlight_s7 = of(Optic::kSunlightS7);
  return optics;
}

// What a share of the field exceeds, from some of its values.
float threshold_for(const std::vector<float>& field, double share) {
  constexpr std::size_t kStep = 37;
  std::vector<float> some;
  for (std::size_t i = 0; i < field.size(); i += kStep) some.push_back(field[i]);
  const auto place = some.begin() + static_cast<std::ptrdiff_t>((1 - share) * static_cast<double>(some.size() - 1));
  std::nth_element(some.begin(), place, some.end());
  return *place;
}

}  // namespace

SimulatedCloud draw_cloud(const FractalBank& bank, const CloudOptics& optics, const ClearGround& ground, int size_px,
                          Random& random) {
  const Kind& kind = draw_kind(random);
  SimulatedCloud cloud;
  cloud.optics = draw_optics(kind.ice ? optics.crystals : optics.droplets, random);
  const auto shape = bank.piece(kind.texture, draw(random, kind.magnification), size_px, random);
  const auto detail = bank.piece(Texture::kRough, draw(random, {.3, 1.5}), size_px, random);
  const float threshold = threshold_for(shape, random.uniform(kind.cover.low, kind.cover.high));
  const float typical = draw(random, kind.optical_depth);
  const float width = draw(random, {.4, 1.5});
  const float power = draw(random, {.6, 1.8});
  const float roughness = draw(random, {0, .5});
  const float rim = draw(random, kind.rim);
  cloud.colder_k = draw(random, ground.daylight ? kind.colder_k : kind.colder_night_k);
  const float top_k = std::max(190.0F, ground.temperature_k - cloud.colder_k);
  const float bulge_k = 0.15F * std::max(cloud.colder_k, 0.0F);  // thicker is higher

  cloud.optical_depth.resize(shape.size());
  cloud.cover.resize(shape.size());
  cloud.top_k.resize(shape.size());
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const float excess = shape[i] - threshold;
    if (excess <= 0) continue;
    cloud.optical_depth[i] =
        typical * std::pow(std::min(excess / width, 1.6F), power) * std::exp(roughness * detail[i]);
    cloud.cover[i] = std::min(1.0F, excess / rim);
    cloud.top_k[i] = top_k - bulge_k * std::min(excess, 2.0F);
  }
  return cloud;
}

}  // namespace cloudmask
