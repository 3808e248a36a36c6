#include "cloudmask/model/step_memory.h"

#include <gtest/gtest.h>

namespace cloudmask {
namespace {

TEST(StepMemory, PartsOfABatchAreEqualAndFit) {
  const Config config;
  const double all = step_bytes(config, 2, 32);
  EXPECT_GT(all, 1e9) << "what is seen is 1.6 GB";
  EXPECT_LT(all, 4e9);
  const auto at_once = [&](double share) {
    return patches_at_once(config, 2, 32, static_cast<std::int64_t>(share * all));
  };
  EXPECT_EQ(at_once(1.1), 32);
  EXPECT_EQ(at_once(0.99), 16);
  EXPECT_EQ(at_once(0.4), 8);
  EXPECT_EQ(at_once(0.001), 1);
  EXPECT_EQ(patches_at_once(config, 2, 32, -5), 1);
}

}  // namespace
}  // namespace cloudmask
