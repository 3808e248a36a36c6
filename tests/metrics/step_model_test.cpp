#include "cloudmask/metrics/step_model.h"

#include <gmock/gmock.h>

#include <cmath>

#include "cloudmask/base/random.h"

namespace cloudmask {
namespace {

constexpr SumTerms kTerms{
    .inside_latency_s = 2e-6, .inside_s_per_byte = 1e-10, .network_latency_s = 1e-5, .network_s_per_byte = 4e-11};

TEST(SumTime, IsARingInsideAMachineAndATreeBetweenMachines) {
  EXPECT_EQ(sum_time_s(kTerms, {1, 1}, 1e6), 0);
  EXPECT_NEAR(sum_time_s(kTerms, {1, 4}, 1e6), 6 * 2e-6 + 1.5 * 1e6 * 1e-10, 1e-12);
  EXPECT_NEAR(sum_time_s(kTerms, {2, 1}, 1e6), 2 * 1e-5 + 1e6 * 4e-11, 1e-12);
  EXPECT_NEAR(sum_time_s(kTerms, {5, 1}, 0), 2 * 3 * 1e-5, 1e-12);  // three levels for five machines
  EXPECT_NEAR(sum_time_s(kTerms, {8, 4}, 1e6), 6 * 2e-6 + 1.5 * 1e-4 + 6 * 1e-5 + 1.75 * 4e-5, 1e-12);
}

TEST(SumTime, TermsAreFoundAgain) {
  std::vector<SumTime> measured;
  for (const RankLayout layout : {RankLayout{1, 2}, RankLayout{1, 4}, RankLayout{2, 1}, RankLayout{4, 4}}) {
    for (const double bytes : {4.0, 1024.0, 262144.0, 6.4e7}) {
      measured.push_back({layout, bytes, sum_time_s(kTerms, layout, bytes)});
    }
  }
  const SumTerms found = fit_sum_terms(measured);
  EXPECT_NEAR(found.inside_latency_s, kTerms.inside_latency_s, 1e-9);
  EXPECT_NEAR(found.inside_s_per_byte, kTerms.inside_s_per_byte, 1e-14);
  EXPECT_NEAR(found.network_latency_s, kTerms.network_latency_s, 1e-9);
  EXPECT_NEAR(found.network_s_per_byte, kTerms.network_s_per_byte, 1e-14);
}

TEST(SumTime, WhatWasNotMeasuredIsNotInvented) {
  const SumTerms found = fit_sum_terms({{{1, 2}, 4, 1e-5}, {{1, 2}, 1e6, 1e-3}});
  EXPECT_GT(found.inside_s_per_byte, 0);
  EXPECT_EQ(found.network_latency_s, 0);
  EXPECT_EQ(found.network_s_per_byte, 0);
  EXPECT_EQ(fit_sum_terms({}).inside_latency_s, 0);
}

TEST(WorkTerms, AreFoundAgain) {
  const WorkTerms terms{.per_patch_s = 0.05, .contention = 0.1, .fixed_s = 0.02};
  std::vector<WorkTime> measured;
  for (const int ranks : {1, 2, 4}) {
    for (const double patches : {2.0, 8.0}) measured.push_back({{1, ranks}, patches, work_s(terms, patches, ranks)});
  }
  const WorkTerms found = fit_work_terms(measured);
  EXPECT_NEAR(found.per_patch_s, 0.05, 1e-9);
  EXPECT_NEAR(found.contention, 0.1, 1e-9);
  EXPECT_NEAR(found.fixed_s, 0.02, 1e-9);
}

TEST(WorkTerms, OneNumberOfPatchesIsATimeAPatch) {
  const WorkTerms found = fit_work_terms({{{1, 1}, 8, 0.4}, {{1, 1}, 8, 0.4}});
  EXPECT_NEAR(found.per_patch_s, 0.05, 1e-12);
  EXPECT_EQ(found.fixed_s, 0);
  EXPECT_EQ(found.contention, 0);
}

class StepTimesTest : public ::testing::Test {
 protected:
  StepModel model_{.training = {.per_patch_s = 0.01, .contention = 0, .fixed_s = 0},
                   .evaluation = {.per_patch_s = 0.003, .contention = 0, .fixed_s = 0},
                   .spread = 0,
                   .sums = kTerms,
                   .gradient_bytes = 8e6,
                   .gradient_messages = 8};
};

TEST_F(StepTimesTest, AllButTheLastMessageHideBehindTheWork) {
  const RankLayout two{2, 1};
  const double message_s = sum_time_s(kTerms, two, 1e6);
  const double small_s = 2 * sum_time_s(kTerms, two, 40);
  EXPECT_NEAR(step_times(model_, two, 100, 0).sums_s, small_s + message_s, 1e-12);
  model_.training.per_patch_s = 0;  // nothing to hide behind
  EXPECT_NEAR(step_times(model_, two, 100, 0).sums_s, small_s + 8 * message_s, 1e-12);
  model_.training.per_patch_s = 3 * 2 * message_s;  // a third of it hides two messages
  EXPECT_NEAR(step_times(model_, two, 1, 0).sums_s, small_s + 6 * message_s, 1e-12);
}

TEST_F(StepTimesTest, OneRankWaitsForNobody) {
  model_.spread = 0.1;
  const StepTimes times = step_times(model_, {1, 1}, 4, expected_maximum(1));
  EXPECT_NEAR(times.work_s, 0.04, 1e-12);
  EXPECT_EQ(times.sums_s, 0);
  EXPECT_NEAR(times.slowest_s, 0, 1e-12);
  EXPECT_NEAR(step_times(model_, {1, 2}, 4, expected_maximum(2)).slowest_s, 0.1 * 0.04 / std::sqrt(std::acos(-1.0)),
              1e-6);
}

TEST(ExpectedMaximum, IsThatOfNormalNumbers) {
  EXPECT_NEAR(expected_maximum(1), 0, 1e-9);
  EXPECT_NEAR(expected_maximum(2), 1 / std::sqrt(std::acos(-1.0)), 1e-6);
  EXPECT_NEAR(expected_maximum(3), 0.84628, 1e-5);
  Random random(7);
  double sum = 0;
  constexpr int kDraws = 2000;
  for (int draw = 0; draw < kDraws; ++draw) {
    double largest = -10;
    for (int i = 0; i < 256; ++i) largest = std::max(largest, random.normal());
    sum += largest / kDraws;
  }
  EXPECT_NEAR(expected_maximum(256), sum, 0.03);
}

}  // namespace
}  // namespace cloudmask
