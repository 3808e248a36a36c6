#include "cloudmask/metrics/least_squares.h"

#include <gmock/gmock.h>

namespace cloudmask {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

TEST(LeastSquares, FindsTheTermsThatMadeTheValues) {
  std::vector<std::vector<double>> rows;
  std::vector<double> values;
  for (const double bytes : {4.0, 4096.0, 1e6, 6.4e7}) {
    rows.push_back({2, bytes});
    values.push_back(2 * 5e-6 + bytes * 1e-9);
  }
  const auto found = fit_relative(rows, values);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_NEAR(found[0], 5e-6, 1e-11);
  EXPECT_NEAR(found[1], 1e-9, 1e-15);
}

TEST(LeastSquares, NoTermIsNegative) {
  // A straight line through these would meet the axis below 0.
  const auto found = fit_relative({{1, 1}, {2, 1}, {3, 1}}, {0.5, 2.5, 4.0});
  EXPECT_GT(found[0], 0);
  EXPECT_EQ(found[1], 0);
}

TEST(LeastSquares, WhatCannotBeToldApartGoesToTheFirstTerm) {
  EXPECT_THAT(fit_relative({{4, 1}, {4, 1}}, {2, 2}), ElementsAre(DoubleNear(0.5, 1e-12), 0));
  EXPECT_THAT(fit_relative({{4, 0}, {2, 0}}, {2, 1}), ElementsAre(DoubleNear(0.5, 1e-12), 0));
}

TEST(LeastSquares, RelativeErrorsCount) {
  // 1 and 100, each wrong by a tenth either way: the small one weighs as much as the large.
  const auto found = fit_relative({{1}, {100}}, {1.1, 90.0});
  EXPECT_NEAR(found[0], (1 / 1.1 + 100 / 90.0) / (1 / 1.21 + 1e4 / 8100), 1e-12);
}

TEST(LeastSquares, NothingMeasuredHasNoTerms) { EXPECT_TRUE(fit_relative({}, {}).empty()); }

}  // namespace
}  // namespace cloudmask
