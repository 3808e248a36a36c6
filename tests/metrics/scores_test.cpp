#include "cloudmask/metrics/scores.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace cloudmask {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// 10 pixels: 3 clouds found, 1 missed, 2 clear called cloud, 4 clear found.
PixelCounts ten_pixels() {
  const std::vector<float> probability{0.9F, 0.8F, 0.5F, 0.4F, 0.6F, 0.7F, 0.1F, 0.2F, 0.3F, 0.0F};
  const std::vector<std::uint8_t> truth{1, 1, 1, 1, 0, 0, 0, 0, 0, 0};
  PixelCounts counts;
  counts.add(probability, truth, 0.5);
  return counts;
}

TEST(PixelCounts, ProbabilityAtTheThresholdIsCloud) {
  const PixelCounts counts = ten_pixels();
  EXPECT_EQ(counts.true_cloud, 3U);
  EXPECT_EQ(counts.false_clear, 1U);
  EXPECT_EQ(counts.false_cloud, 2U);
  EXPECT_EQ(counts.true_clear, 4U);
}

TEST(PixelCounts, ThresholdMovesPixelsBetweenClasses) {
  PixelCounts counts;
  counts.add(0.3F, 1, 0.25);
  counts.add(0.3F, 1, 0.35);
  EXPECT_EQ(counts.true_cloud, 1U);
  EXPECT_EQ(counts.false_clear, 1U);
}

TEST(PixelCounts, UnknownTruthAndMissingProbabilityAreLeftOut) {
  PixelCounts counts;
  counts.add(0.9F, 255, 0.5);
  counts.add(kNan, 1, 0.5);
  counts.add(kNan, 0, 0.5);
  EXPECT_EQ(counts.pixels(), 0U);
  EXPECT_EQ(counts.log_loss_sum, 0.0);
}

TEST(PixelCounts, LogLossIsFiniteForCertainMistakes) {
  PixelCounts counts;
  counts.add(0.0F, 1, 0.5);
  counts.add(1.0F, 0, 0.5);
  EXPECT_NEAR(counts.log_loss_sum, -2.0 * std::log(1e-7), 1e-6);
}

TEST(PixelCounts, LogLossOfCertainTruthIsAlmostZero) {
  PixelCounts counts;
  counts.add(1.0F, 1, 0.5);
  EXPECT_NEAR(counts.log_loss_sum, 1e-7, 1e-9);
}

TEST(PixelCounts, MergingPartsEqualsCountingTheWhole) {
  PixelCounts parts;
  PixelCounts one;
  one.add(0.9F, 1, 0.5);
  PixelCounts two;
  two.add(0.2F, 1, 0.5);
  two.add(0.7F, 0, 0.5);
  parts.merge(one);
  parts.merge(two);
  PixelCounts whole;
  whole.add(std::vector<float>{0.9F, 0.2F, 0.7F}, std::vector<std::uint8_t>{1, 1, 0}, 0.5);
  EXPECT_EQ(parts.true_cloud, whole.true_cloud);
  EXPECT_EQ(parts.false_clear, whole.false_clear);
  EXPECT_EQ(parts.false_cloud, whole.false_cloud);
  EXPECT_EQ(parts.pixels(), 3U);
  EXPECT_NEAR(parts.log_loss_sum, whole.log_loss_sum, 1e-12);
}

TEST(Scores, AgreeWithNumbersWorkedOutByHand) {
  const Scores scores = score(ten_pixels());
  EXPECT_EQ(scores.pixels, 10U);
  EXPECT_DOUBLE_EQ(scores.accuracy, 0.7);
  EXPECT_DOUBLE_EQ(scores.hit_rate, 0.75);
  EXPECT_DOUBLE_EQ(scores.false_alarm_rate, 1.0 / 3.0);
  EXPECT_NEAR(scores.balanced_accuracy, 17.0 / 24.0, 1e-12);
  EXPECT_NEAR(scores.true_skill, 5.0 / 12.0, 1e-12);
  EXPECT_DOUBLE_EQ(scores.f1, 6.0 / 9.0);
  EXPECT_DOUBLE_EQ(scores.iou, 0.5);
}

TEST(Scores, LogLossIsTheMeanOverPixels) {
  PixelCounts counts;
  counts.add(0.8F, 1, 0.5);
  counts.add(0.4F, 0, 0.5);
  EXPECT_NEAR(score(counts).log_loss, (-std::log(0.8) - std::log(0.6)) / 2.0, 1e-7);
}

TEST(Scores, WithoutPixelsEveryScoreIsUndefined) {
  const Scores scores = score({});
  EXPECT_EQ(scores.pixels, 0U);
  for (const double value : {scores.accuracy, scores.balanced_accuracy, scores.hit_rate, scores.false_alarm_rate,
                             scores.true_skill, scores.f1, scores.iou, scores.log_loss}) {
    EXPECT_TRUE(std::isnan(value));
  }
}

TEST(Scores, WithOneClassOnlyWhatNeedsTheOtherIsUndefined) {
  PixelCounts counts;
  counts.add(0.1F, 0, 0.5);
  const Scores scores = score(counts);
  EXPECT_DOUBLE_EQ(scores.accuracy, 1.0);
  EXPECT_DOUBLE_EQ(scores.false_alarm_rate, 0.0);
  EXPECT_TRUE(std::isnan(scores.hit_rate));
  EXPECT_TRUE(std::isnan(scores.balanced_accuracy));
  EXPECT_TRUE(std::isnan(scores.true_skill));
  EXPECT_TRUE(std::isnan(scores.f1));
  EXPECT_TRUE(std::isnan(scores.iou));
}

}  // namespace
}  // namespace cloudmask
