#include "cloudmask/training/schedule.h"

#include <gtest/gtest.h>

namespace cloudmask {
namespace {

TEST(Schedule, ConstantByDefault) {
  EXPECT_EQ(learning_rate_at({}, 0, 10), 0.001);
  EXPECT_EQ(learning_rate_at({}, 1000, 10), 0.001);
}

TEST(Schedule, WarmUpRisesToTheFullRate) {
  TrainingOptions options;
  options.warmup_epochs = 0.5;
  double last = 0;
  for (int step = 0; step < 5; ++step) {
    const double rate = learning_rate_at(options, step, 10);
    EXPECT_GT(rate, last);
    EXPECT_LT(rate, 0.001);
    last = rate;
  }
  EXPECT_EQ(learning_rate_at(options, 5, 10), 0.001);
}

TEST(Schedule, CosineFallsFromTheFullRateToZero) {
  TrainingOptions options;
  options.schedule = ScheduleKind::kCosine;
  options.epochs = 4;
  EXPECT_EQ(learning_rate_at(options, 0, 10), 0.001);
  EXPECT_NEAR(learning_rate_at(options, 20, 10), 0.0005, 1e-12);
  EXPECT_LT(learning_rate_at(options, 39, 10), 1e-5);
}

}  // namespace
}  // namespace cloudmask
