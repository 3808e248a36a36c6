#include "cloudmask/sst/sst_score.h"

#include <gmock/gmock.h>

#include <cmath>

namespace cloudmask {
namespace {

TEST(KelvinHistogram, EqualsWhatIsFoundByHandToItsBin) {
  KelvinHistogram first;
  KelvinHistogram second;
  for (const double value_k : {-0.30, 0.10, 0.20}) first.add(value_k);
  for (const double value_k : {0.25, -60.0}) second.add(value_k);
  first.merge(second);
  first.merge(KelvinHistogram());
  EXPECT_EQ(first.count(), 5U);
  EXPECT_NEAR(first.mean_k(), (-0.30 + 0.10 + 0.20 + 0.25 - 50) / 5, 1e-12);
  EXPECT_NEAR(first.median_k(), 0.10, 1e-9);
  EXPECT_NEAR(first.robust_sd_k(), 1.4826 * 0.15, 1e-9);  // distances 0, 0.10, 0.15, 0.40, 50.1
  EXPECT_TRUE(std::isnan(KelvinHistogram().mean_k()));
  EXPECT_TRUE(std::isnan(KelvinHistogram().median_k()));
  EXPECT_TRUE(std::isnan(KelvinHistogram().robust_sd_k()));
}

// One row of 60 pixels of clear sea at 290 K, the second square too short to say what is around.
class ScoreSst : public ::testing::Test {
 protected:
  ScoreSst() {
    scene_.height_px = 1;
    scene_.width_px = 60;
    scene_.surface.assign(60, 0);
  }
  Scene scene_;
  std::vector<float> sst_k_ = std::vector<float>(60, 290.0F);
  std::vector<std::uint8_t> mask_ = std::vector<std::uint8_t>(60, kClear);
  std::vector<std::uint8_t> truth_ = std::vector<std::uint8_t>(60, kClear);
  std::vector<float> known_k_ = std::vector<float>(60, 290.5F);
};

TEST_F(ScoreSst, MissedCloudIsColderThanWhatIsAround) {
  truth_[3] = truth_[4] = truth_[55] = kCloud;
  mask_[4] = kCloud;  // found: in no figure
  sst_k_[3] = 286;
  sst_k_[4] = 270;
  sst_k_[55] = 280;  // too few clear pixels in its square
  const SstScore score = score_sst(scene_, sst_k_, mask_, {truth_, known_k_});
  EXPECT_EQ(score.pixels, 60U);
  EXPECT_EQ(score.clear_pixels, 59U);
  EXPECT_EQ(score.missed_pixels, 2U);
  EXPECT_EQ(score.missed.count(), 1U);
  EXPECT_NEAR(score.missed.mean_k(), -4, 1e-6);
  EXPECT_EQ(score.error.count(), 59U);
  EXPECT_NEAR(score.error.mean_k(), (57 * -0.5 - 4.5 - 10.5) / 59, 1e-6);
  EXPECT_NEAR(score.error.median_k(), -0.5, 1e-9);
}

TEST_F(ScoreSst, LandMissingAndUnknownPixelsAreInNoFigure) {
  scene_.surface[0] = static_cast<std::uint8_t>(Surface::kLand);
  scene_.surface[1] = static_cast<std::uint8_t>(Surface::kSeaIce);
  sst_k_[2] = std::nanf("");
  mask_[3] = kUnknown;
  EXPECT_EQ(score_sst(scene_, sst_k_, mask_, {truth_, {}}).pixels, 56U);
  scene_.surface.clear();
  EXPECT_EQ(score_sst(scene_, sst_k_, mask_, {truth_, {}}).pixels, 58U);
}

TEST_F(ScoreSst, WithoutReferenceNothingIsMissed) {
  const SstScore score = score_sst(scene_, sst_k_, mask_, {{}, {}});
  EXPECT_EQ(score.clear_pixels, 60U);
  EXPECT_EQ(score.missed_pixels, 0U);
  EXPECT_EQ(score.error.count(), 0U);
}

}  // namespace
}  // namespace cloudmask
