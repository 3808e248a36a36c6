#include "cloudmask/metrics/bootstrap.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numeric>

#include "cloudmask/base/random.h"

namespace cloudmask {
namespace {

TEST(Bootstrap, DrawsAreTheSameEachTimeAndEveryItemIsDrawnAsOften) {
  constexpr std::size_t kItems = 5;
  const auto draws = resample(kItems);
  ASSERT_EQ(draws.size(), kResamples);
  EXPECT_EQ(draws, resample(kItems));
  std::vector<double> drawn(kItems);
  for (const auto& draw : draws) {
    ASSERT_EQ(draw.size(), kItems);
    for (const std::size_t item : draw) drawn.at(item) += 1;
  }
  EXPECT_THAT(drawn, ::testing::Each(::testing::DoubleNear(kResamples, 0.05 * kResamples)));
}

TEST(Bootstrap, IntervalLiesBetweenOrderedValues) {
  std::vector<double> values(101);
  std::iota(values.rbegin(), values.rend(), 0.0);
  const Estimate found = estimate(7.0, values);
  EXPECT_EQ(found.value, 7.0);
  EXPECT_NEAR(found.low, 2.5, 1e-9);
  EXPECT_NEAR(found.high, 97.5, 1e-9);
}

TEST(Bootstrap, ScoresWithoutPixelsDoNotCount) {
  const double none = std::nan("");
  const Estimate found = estimate(1.0, {none, 2.0, none, 2.0});
  EXPECT_EQ(found.low, 2.0);
  EXPECT_EQ(found.high, 2.0);
  EXPECT_TRUE(std::isnan(estimate(none, {none, none}).low));
  EXPECT_TRUE(std::isnan(estimate(1.0, {}).high));
}

TEST(Bootstrap, IntervalOfAMeanIsThatOfTheory) {
  constexpr std::size_t kItems = 40;
  Random random(3);
  std::vector<double> items(kItems);
  for (double& item : items) item = random.normal();
  const double mean = std::accumulate(items.begin(), items.end(), 0.0) / kItems;
  double squares = 0;
  for (const double item : items) squares += (item - mean) * (item - mean);
  std::vector<double> means;
  for (const auto& draw : resample(kItems)) {
    double sum = 0;
    for (const std::size_t i : draw) sum += items[i];
    means.push_back(sum / kItems);
  }
  const double error = std::sqrt(squares / kItems / kItems);
  const Estimate found = estimate(mean, means);
  EXPECT_NEAR(found.low, mean - 1.96 * error, 0.15 * error);
  EXPECT_NEAR(found.high, mean + 1.96 * error, 0.15 * error);
}

}  // namespace
}  // namespace cloudmask
