#include "cloudmask/synthetic/synthetic_scene.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "cloudmask/base/error.h"

namespace cloudmask {
namespace {

SyntheticScene make(std::uint64_t seed, bool night) {
  return make_synthetic_scene({.height_px = 400, .width_px = 400, .seed = seed, .night = night});
}

// Scenes enough for statements about all of them; made once.
const std::vector<SyntheticScene>& scenes() {
  static const auto all = [] {
    std::vector<SyntheticScene> made;
    for (std::uint64_t seed = 1; seed <= 12; ++seed) made.push_back(make(seed, seed % 2 == 0));
    return made;
  }();
  return all;
}

double label_error(const Scene& scene) {
  std::size_t wrong = 0;
  std::size_t known = 0;
  for (std::size_t i = 0; i < scene.pixels(); ++i) {
    if (pixel_missing(scene, i) || scene.label[i] == kUnknown) continue;
    ++known;
    wrong += scene.label[i] != scene.truth[i] ? 1 : 0;
  }
  return static_cast<double>(wrong) / static_cast<double>(known);
}

TEST(SyntheticScene, SameSeedSameSceneOtherSeedOtherScene) {
  const Scene& first = scenes()[0].scene;
  const Scene again = make(1, false).scene;
  EXPECT_TRUE(std::equal(first.reflectance.begin(), first.reflectance.end(), again.reflectance.begin(),
                         [](float a, float b) { return a == b || (std::isnan(a) && std::isnan(b)); }));
  EXPECT_EQ(first.label, again.label);
  EXPECT_NE(first.truth, scenes()[2].scene.truth);
}

TEST(SyntheticScene, LabelsAreWrongAsOftenAsRealOnes) {
  double sum = 0;
  for (const SyntheticScene& synthetic : scenes()) {
    const double error = label_error(synthetic.scene);
    EXPECT_GT(error, 0.03);
    EXPECT_LT(error, 0.25);
    sum += error;
  }
  EXPECT_GT(sum / static_cast<double>(scenes().size()), 0.08);
  EXPECT_LT(sum / static_cast<double>(scenes().size()), 0.15);
}

TEST(SyntheticScene, LabelsAreWrongAsOftenAsAskedFor) {
  for (const double wanted : {0.0, 0.002, 0.05, 0.3}) {
    SyntheticOptions options{200, 256, 1, false, {.label_error = wanted}};
    EXPECT_NEAR(label_error(make_synthetic_scene(options).scene), wanted, wanted == 0 ? 0 : 0.01) << wanted;
  }
}

TEST(SyntheticScene, LabelErrorsComeInPatches) {
  // Of the right neighbours of wrong pixels far more are wrong than of all pixels.
  for (const SyntheticScene& synthetic : scenes()) {
    const Scene& scene = synthetic.scene;
    std::size_t wrong = 0;
    std::size_t both = 0;
    for (std::size_t i = 0; i + 1 < scene.pixels(); ++i) {
      if (scene.label[i] == scene.truth[i] || scene.label[i] == kUnknown) continue;
      ++wrong;
      both += scene.label[i + 1] != scene.truth[i + 1] ? 1 : 0;
    }
    EXPECT_GT(static_cast<double>(both) / static_cast<double>(wrong), 3 * label_error(scene));
  }
}

TEST(SyntheticScene, NoThresholdOnOneChannelTellsCloud) {
  for (int channel = 0; channel < kChannels; ++channel) {
    std::vector<std::pair<float, bool>> values;
    for (const SyntheticScene& synthetic : scenes()) {
      const Scene& scene = synthetic.scene;
      for (std::size_t i = 0; i < scene.pixels(); i += 7) {
        const float value = channel < kReflectanceBands
                                ? scene.reflectance[i * kReflectanceBands + static_cast<std::size_t>(channel)]
                                : scene.brightness_temperature_k[i * kBrightnessTemperatureBands +
                                                                 static_cast<std::size_t>(channel - kReflectanceBands)];
        if (!std::isnan(value)) values.emplace_back(value, scene.truth[i] == kCloud);
      }
    }
    std::sort(values.begin(), values.end());
    const auto clouds = static_cast<double>(
        std::count_if(values.begin(), values.end(), [](const auto& value) { return value.second; }));
    const double clear = static_cast<double>(values.size()) - clouds;
    double clouds_below = 0;
    double clear_below = 0;
    double best = 0.5;
    for (const auto& [value, cloud] : values) {
      (cloud ? clouds_below : clear_below) += 1;
      const double balanced = 0.5 * (clouds_below / clouds + 1 - clear_below / clear);
      best = std::max({best, balanced, 1 - balanced});
    }
    EXPECT_LT(best, 0.85) << "channel " << channel;
  }
}

TEST(SyntheticScene, ValuesArePlausible) {
  for (const SyntheticScene& synthetic : scenes()) {
    const Scene& scene = synthetic.scene;
    EXPECT_EQ(scene_in_daylight(scene), (&synthetic - scenes().data()) % 2 == 0);
    // S7 of the coldest cloud tops is mostly noise.
    for (const float value : scene.brightness_temperature_k) EXPECT_FALSE(value < 155 || value > 345) << value;
    for (const float value : scene.reflectance) EXPECT_FALSE(value < -0.1F || value > 2.0F) << value;
    const auto cloud = std::count(scene.truth.begin(), scene.truth.end(), kCloud);
    EXPECT_GT(static_cast<double>(cloud) / static_cast<double>(scene.pixels()), 0.03);
    EXPECT_LT(static_cast<double>(cloud) / static_cast<double>(scene.pixels()), 0.97);
  }
}

TEST(SyntheticScene, AllCloudKindsAndSurfacesOccur) {
  std::map<int, int> kinds;
  std::map<int, int> surfaces;
  for (const SyntheticScene& synthetic : scenes()) {
    for (const float kind : synthetic.extras.front().values) ++kinds[static_cast<int>(kind)];
    for (const std::uint8_t surface : synthetic.scene.surface) ++surfaces[surface];
  }
  for (int kind = 0; kind <= 5; ++kind) EXPECT_GT(kinds[kind], 1000) << "cloud kind " << kind;
  for (int surface = 0; surface <= 3; ++surface) EXPECT_GT(surfaces[surface], 1000) << "surface " << surface;
}

double mean_difference_k(const Scene& a, const Scene& b, std::size_t band, bool cloudy) {
  double sum = 0;
  double count = 0;
  for (std::size_t i = 0; i < a.pixels(); ++i) {
    const float difference_k =
        std::abs(a.brightness_temperature_k[i * 3 + band] - b.brightness_temperature_k[i * 3 + band]);
    if (std::isnan(difference_k) || (a.truth[i] == kCloud) != cloudy) continue;
    sum += difference_k;
    count += 1;
  }
  return sum / count;
}

TEST(SyntheticScene, VariationsChangeWhatTheySayAndLeaveTheTruth) {
  const SyntheticOptions usual{200, 256, 4, true, {}};
  const Scene scene = make_synthetic_scene(usual).scene;
  SyntheticOptions options = usual;
  options.variation.noise = 10;
  const Scene noisy = make_synthetic_scene(options).scene;
  options = usual;
  options.variation.particle_size = 3;
  const Scene coarse = make_synthetic_scene(options).scene;
  EXPECT_EQ(scene.truth, noisy.truth);
  EXPECT_EQ(scene.truth, coarse.truth);
  EXPECT_NEAR(mean_difference_k(scene, noisy, 1, /*cloudy=*/false), 0.8 * 9 * 0.025, 0.1) << "E|N(0, s)| is 0.8 s";
  EXPECT_GT(mean_difference_k(scene, coarse, 0, /*cloudy=*/true), 0.5);
  EXPECT_LT(mean_difference_k(scene, coarse, 0, /*cloudy=*/false), 0.2) << "cloud too thin to be cloud by truth";
}

TEST(SyntheticScene, VariationsOutOfRangeAreRefused) {
  EXPECT_THROW(make_synthetic_scene({.variation = {.label_error = 0.6}}), UsageError);
  EXPECT_THROW(make_synthetic_scene({.variation = {.noise = -1}}), UsageError);
  EXPECT_THROW(make_synthetic_scene({.variation = {.particle_size = std::nan("")}}), UsageError);
}

TEST(SyntheticScene, SizesOutOfRangeAreRefused) {
  EXPECT_THROW(make_synthetic_scene({.height_px = 63}), UsageError);
  EXPECT_THROW(make_synthetic_scene({.width_px = 8193}), UsageError);
  EXPECT_EQ(make_synthetic_scene({.height_px = 64, .width_px = 101}).scene.pixels(), 6464U);
}

}  // namespace
}  // namespace cloudmask
