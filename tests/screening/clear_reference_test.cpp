#include "cloudmask/screening/clear_reference.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "cloudmask/screening/scene_features.h"
#include "support/cloudy_scene.h"

namespace cloudmask {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

TEST(ClearReference, IsTheGroundUnderACloudThatHasGroundAround) {
  const Scene scene = make_cloudy_scene(200, Sun::kNight);  // the cloud is 100 px wide
  for (const float value_k : clear_reference_k(scene, 2)) ASSERT_NEAR(value_k, 290, 0.1);
}

TEST(ClearReference, IsTheCloudsUnderASheetThatIsWiderThanTheWindows) {
  const Scene scene = make_cloudy_scene(800, Sun::kNight);
  const auto reference_k = clear_reference_k(scene, 2);
  EXPECT_NEAR(reference_k[400 * 800 + 400], 255, 0.1);
  EXPECT_NEAR(reference_k[0], 290, 0.1);
}

TEST(ClearReference, MissingPixelsCountNowhereAndEveryOtherHasAValue) {
  Scene scene = make_cloudy_scene(300, Sun::kDay);
  for (std::size_t pixel = 0; pixel < scene.pixels(); ++pixel) {
    if (pixel % 300 < 280) scene.brightness_temperature_k[3 * pixel + 1] = kNaN;
  }
  const auto reference_k = clear_reference_k(scene, 2);
  for (std::size_t pixel = 280; pixel < scene.pixels(); pixel += 300) ASSERT_NEAR(reference_k[pixel], 290, 0.1);
  EXPECT_TRUE(std::isnan(reference_k[0]));
}

TEST(ClearReference, IsTheOneThatTheTestsCompareWith) {
  const Scene scene = make_cloudy_scene(130, Sun::kDay);
  SceneFeatures features;
  features.compute(scene, 1);
  const auto reference_k = clear_reference_k(scene, 1);
  for (std::size_t pixel = 0; pixel < scene.pixels(); ++pixel) {
    ASSERT_EQ(features.plane(Feature::kReference)[pixel], reference_k[pixel]);
  }
}

}  // namespace
}  // namespace cloudmask
