#include "cloudmask/network/network_screener.h"

#include <gmock/gmock.h>

#include <cmath>

#include "support/learnable_scenes.h"
#include "support/temporary_folder.h"

namespace cloudmask {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class NetworkScreenerTest : public ::testing::Test {
 protected:
  NetworkScreenerTest() {
    seed_torch(3, true);
    config_.model.base_filters = 4;
    config_.data.patch_size_px = 160;
    config_.inference.crop_size_px = 32;
    config_.machine.precision = Precision::kFp32;
    model_ = UNet(config_.model)->content();
    scene_ = make_learnable_scene(200, 1);
  }

  Mask screen() { return NetworkScreener(model_, config_).screen(scene_); }

  static double largest_difference(const Mask& a, const Mask& b, int border_px = 0) {
    double largest = 0;
    for (int y = border_px; y < a.height_px - border_px; ++y) {
      for (int x = border_px; x < a.width_px - border_px; ++x) {
        const auto i = static_cast<std::size_t>(y) * static_cast<std::size_t>(a.width_px) + static_cast<std::size_t>(x);
        largest = std::max<double>(largest, std::abs(a.cloud_probability[i] - b.cloud_probability[i]));
      }
    }
    return largest;
  }

  Config config_;
  ModelContent model_;
  Scene scene_;
};

TEST_F(NetworkScreenerTest, EveryTileSizeGivesTheSameMask) {
  config_.inference.tile_px = 512;
  const Mask whole = screen();
  ASSERT_EQ(whole.cloud_probability.size(), scene_.pixels());
  for (const int tile_px : {64, 104, 136}) {
    config_.inference.tile_px = tile_px;
    EXPECT_LT(largest_difference(screen(), whole), 1e-5) << tile_px;
  }
}

TEST_F(NetworkScreenerTest, PatchesWithEnoughOverlapEqualTheWholeScene) {
  config_.inference.tile_mode = TileMode::kPatches;
  config_.inference.crop_size_px = 112;  // 56 px a side: the receptive radius on the pooling grid
  const Mask patches = screen();
  config_.inference.tile_mode = TileMode::kScene;
  EXPECT_LT(largest_difference(patches, screen(), 56), 1e-5);
}

TEST_F(NetworkScreenerTest, MissingPixelsAreNaNAndSpoilOnlyTheirNeighbours) {
  const Mask before = screen();
  const std::size_t hole = 10 * 200 + 10;
  scene_.brightness_temperature_k[3 * hole + 1] = std::nanf("");
  const Mask after = screen();
  EXPECT_TRUE(std::isnan(after.cloud_probability[hole]));
  const std::size_t far = 100 * 200 + 100;
  EXPECT_EQ(after.cloud_probability[far], before.cloud_probability[far]);
  std::size_t unknown = 0;
  for (const float probability : after.cloud_probability) unknown += std::isnan(probability) ? 1 : 0;
  EXPECT_EQ(unknown, 1U);
}

TEST_F(NetworkScreenerTest, ANetworkThatComputesNaNIsAnErrorAndNoMask) {
  model_.convolutions.back().bias[0] = std::nanf("");
  EXPECT_THAT(fault_of([&] { screen(); }), AllOf(HasSubstr(scene_.name), HasSubstr("model"), HasSubstr("40000 pixels"),
                                                 HasSubstr("precision: fp32")));
}

TEST_F(NetworkScreenerTest, TheModelsThresholdCountsUnlessTheConfigurationNamesOne) {
  model_.notes.threshold = 0.3;
  EXPECT_EQ(NetworkScreener(model_, config_).origin().threshold, 0.3);
  config_.inference.threshold = 0.7;
  EXPECT_EQ(NetworkScreener(model_, config_).origin().threshold, 0.7);
}

TEST_F(NetworkScreenerTest, WarnsOnceOfScenesOfAnotherViewThanItLearntFrom) {
  model_.notes.training["view"] = "oblique";
  NetworkScreener screener(model_, config_);
  const auto said = [&](View view) {
    scene_.view = view;
    ::testing::internal::CaptureStderr();
    screener.screen(scene_);
    return ::testing::internal::GetCapturedStderr();
  };
  EXPECT_EQ(said(View::kOblique), "");
  EXPECT_THAT(said(View::kNadir), HasSubstr("learnt from the oblique view; how good its masks of the nadir view are"));
  EXPECT_EQ(said(View::kNadir), "");
}

TEST_F(NetworkScreenerTest, ScenesOfAnySizeAreMaskedWhole) {
  for (const int size_px : {1, 7, 40, 131}) {
    scene_ = make_learnable_scene(size_px, 2);
    for (const TileMode mode : {TileMode::kScene, TileMode::kPatches}) {
      config_.inference.tile_mode = mode;
      const Mask mask = screen();
      ASSERT_EQ(mask.cloud_probability.size(), scene_.pixels());
      for (const float probability : mask.cloud_probability) {
        EXPECT_TRUE(probability >= 0 && probability <= 1) << probability;
      }
    }
  }
}

TEST_F(NetworkScreenerTest, BatchSizeDoesNotChangeTheMask) {
  config_.inference.tile_mode = TileMode::kPatches;
  config_.training.batch_size = 1;
  const Mask one = screen();
  config_.training.batch_size = 5;
  EXPECT_LT(largest_difference(screen(), one), 1e-6);
}

}  // namespace
}  // namespace cloudmask
