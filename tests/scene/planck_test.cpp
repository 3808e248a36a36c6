#include "cloudmask/scene/planck.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace cloudmask {
namespace {

TEST(Planck, InverseUndoesTheLaw) {
  const Planck planck;
  for (const auto band : {kS7, kS8, kS9}) {
    for (float t_k = 190; t_k < 330; t_k += 7.3F) {
      EXPECT_NEAR(Planck::temperature_k(band, planck.radiance(band, t_k)), t_k, 0.02);
    }
  }
}

TEST(Planck, WhatIsNoTemperatureHasNoRadiance) {
  const Planck planck;
  EXPECT_TRUE(std::isnan(planck.radiance(kS8, std::numeric_limits<float>::quiet_NaN())));
  EXPECT_TRUE(std::isnan(Planck::temperature_k(kS8, std::numeric_limits<float>::quiet_NaN())));
  EXPECT_EQ(planck.radiance(kS8, 1000), planck.radiance(kS8, 400));
}

}  // namespace
}  // namespace cloudmask
