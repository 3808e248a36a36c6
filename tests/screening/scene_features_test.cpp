#include "cloudmask/screening/scene_features.h"

#include <gmock/gmock.h>

#include <array>
#include <cmath>
#include <cstring>

#include "cloudmask/base/random.h"
#include "support/cloudy_scene.h"

namespace cloudmask {
namespace {

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

// The definition, written out.
float slow_deviation(const std::vector<float>& values, int height, int width, int y, int x, int radius) {
  double sum = 0;
  double squares = 0;
  int count = 0;
  for (int v = std::max(0, y - radius); v <= std::min(height - 1, y + radius); ++v) {
    for (int u = std::max(0, x - radius); u <= std::min(width - 1, x + radius); ++u) {
      const double value = values[static_cast<std::size_t>(v * width + u)];
      if (std::isnan(value)) continue;
      sum += value;
      squares += value * value;
      ++count;
    }
  }
  const double mean = sum / count;
  return static_cast<float>(std::sqrt(std::max(0.0, squares / count - mean * mean)));
}

TEST(LocalDeviation, IsThatOfTheNeighboursThatAreThere) {
  const int height = 70;  // more than one band of rows
  const int width = 23;
  Random random(7);
  std::vector<float> values(static_cast<std::size_t>(height * width));
  for (float& value : values)
    value = random.uniform() < 0.1 ? kNone : 280.0F + 3.0F * static_cast<float>(random.uniform());
  std::vector<float> deviation(values.size());
  for (const int radius : {1, 2}) {
    local_deviation({values.data(), height, width}, radius, deviation.data(), 2);
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        const auto i = static_cast<std::size_t>(y * width + x);
        if (std::isnan(values[i])) {
          EXPECT_TRUE(std::isnan(deviation[i]));
        } else if (!std::isnan(deviation[i])) {
          EXPECT_NEAR(deviation[i], slow_deviation(values, height, width, y, x, radius), 1e-4);
        }
      }
    }
  }
}

TEST(LocalDeviation, OfFewerThanThreeValuesIsMissing) {
  const std::vector<float> values = {1, 2, kNone, kNone, 5, kNone};
  std::vector<float> deviation(values.size());
  local_deviation({values.data(), 1, 6}, 1, deviation.data(), 1);
  for (const float value : deviation) EXPECT_TRUE(std::isnan(value));
}

TEST(SceneFeatures, TellColdCloudFromTheWarmSeaAround) {
  const Scene scene = make_cloudy_scene(100, Sun::kDay);
  SceneFeatures features;
  features.compute(scene);
  const float* coldness_k = features.plane(Feature::kColdness);
  EXPECT_NEAR(coldness_k[0], 0, 0.1);
  EXPECT_NEAR(coldness_k[50 * 100 + 50], 35, 0.5);
  EXPECT_NEAR(features.plane(Feature::kS7MinusS8)[0], 3, 0.01);
  EXPECT_NEAR(features.plane(Feature::kS8MinusS9)[0], 0.8, 0.01);
  EXPECT_NEAR(features.plane(Feature::kSplitAnomaly)[0], 0, 0.01);
  EXPECT_LT(features.plane(Feature::kDeviation3)[0], 0.05);
  EXPECT_GT(features.plane(Feature::kDeviation3)[25 * 100 + 50], 10) << "the edge of the cloud";
}

TEST(SceneFeatures, KeepMissingPixelsOutOfTheirNeighbours) {
  Scene scene = make_cloudy_scene(60, Sun::kDay);
  const std::size_t gone = 5 * 60 + 5;
  scene.brightness_temperature_k[gone * 3 + 2] = kNone;  // S9 alone: the pixel is missing
  scene.brightness_temperature_k[gone * 3 + 1] = 1000;
  SceneFeatures features;
  features.compute(scene);
  EXPECT_EQ(features.kinds()[gone], kNoPixel);
  for (std::size_t i = 0; i < kFeatures; ++i) {
    EXPECT_TRUE(std::isnan(features.plane(static_cast<Feature>(i))[gone])) << feature_name(static_cast<Feature>(i));
  }
  EXPECT_LT(features.plane(Feature::kDeviation5)[gone + 1], 0.05);
  EXPECT_NEAR(features.plane(Feature::kReference)[gone + 1], 290, 0.1);
}

TEST(SceneFeatures, HaveReflectancesInDaylightOnly) {
  SceneFeatures features;
  features.compute(make_cloudy_scene(40, Sun::kNight));
  for (const Feature feature : {Feature::kS1, Feature::kNdsi, Feature::kLogS3S2, Feature::kS1Deviation}) {
    EXPECT_TRUE(std::isnan(features.plane(feature)[0])) << feature_name(feature);
  }
  EXPECT_EQ(features.kinds()[0], kNight);
}

TEST(SceneFeatures, TellTheSurfaceByDay) {
  Scene scene = make_cloudy_scene(40, Sun::kDay);
  const std::vector<float> plants = {0.08F, 0.06F, 0.35F, 0.01F, 0.2F, 0.1F};
  const std::vector<float> snow = {0.85F, 0.84F, 0.76F, 0.01F, 0.1F, 0.06F};
  std::copy(plants.begin(), plants.end(), scene.reflectance.begin());
  std::copy(snow.begin(), snow.end(), scene.reflectance.begin() + kReflectanceBands);
  scene.brightness_temperature_k[3 + 1] = 265;
  SceneFeatures features;
  features.compute(scene);
  EXPECT_EQ(features.kinds()[0], kDayLand);
  EXPECT_EQ(features.kinds()[1], kDaySnow);
  EXPECT_EQ(features.kinds()[2], kDaySea);
}

TEST(SceneFeatures, LeaveOutTheNoiseOfS7InDeepCold) {
  Scene scene = make_cloudy_scene(40, Sun::kNight);
  scene.brightness_temperature_k[1] = kColdestS7_k - 1;
  SceneFeatures features;
  features.compute(scene);
  EXPECT_TRUE(std::isnan(features.plane(Feature::kS7MinusS8)[0]));
}

TEST(SceneFeatures, TakeAPixelForGreyOnlyWhereS7SaysSo) {
  Scene scene = make_cloudy_scene(40, Sun::kNight);
  float* first = scene.brightness_temperature_k.data();
  std::copy_n(std::array{270.0F, 270.3F, 269.0F}.data(), 3, first);
  std::copy_n(std::array{kColdestS7_k, kColdestS7_k - 1, 228.0F}.data(), 3, first + 3);
  SceneFeatures features;
  features.compute(scene);
  EXPECT_NEAR(features.plane(Feature::kNotGrey)[0], 0.3, 1e-3);
  EXPECT_TRUE(std::isinf(features.plane(Feature::kNotGrey)[1])) << "too cold for S7 to tell";
}

TEST(SceneFeatures, DoNotDependOnTheNumberOfThreads) {
  const Scene scene = make_cloudy_scene(150, Sun::kDay);
  SceneFeatures one;
  SceneFeatures three;
  one.compute(scene, 1);
  three.compute(scene, 3);
  for (std::size_t i = 0; i < kFeatures; ++i) {
    const auto feature = static_cast<Feature>(i);
    EXPECT_EQ(std::memcmp(one.plane(feature), three.plane(feature), scene.pixels() * sizeof(float)), 0);
  }
}

TEST(Feature, HasANameThatFindsIt) {
  for (std::size_t i = 0; i < kFeatures; ++i) {
    EXPECT_EQ(find_feature(feature_name(static_cast<Feature>(i))), static_cast<Feature>(i));
  }
  EXPECT_FALSE(find_feature("S10"));
}

}  // namespace
}  // namespace cloudmask
