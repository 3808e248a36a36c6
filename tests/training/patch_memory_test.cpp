#include "cloudmask/training/patch_memory.h"

#include <gtest/gtest.h>

#include "cloudmask/model/step_memory.h"

namespace cloudmask {
namespace {

constexpr std::int64_t kGiB = std::int64_t{1} << 30;

TEST(PatchMemory, OfAGpuIsHalfOfWhatAStepLeaves) {
  const Config config;
  const auto step = static_cast<std::int64_t>(step_bytes(config, 2, 256));
  EXPECT_LT(step, 40 * kGiB);
  EXPECT_EQ(device_memory_for_patches(config, 2, 256, 80 * kGiB), (80 * kGiB - step) / 2);
  EXPECT_EQ(device_memory_for_patches(config, 2, 256, step / 2), 0) << "not even the step fits";
}

TEST(PatchMemory, OnTheCpuThereIsNoOther) {
  EXPECT_FALSE(device_memory_for_patches(Config{}, ComputeTarget{}, 32).has_value());
}

TEST(PatchMemory, OfTheHostIsWhatIsGiven) {
  SingleProcess alone;
  EXPECT_EQ(memory_for_patches(kGiB, alone), kGiB);
  EXPECT_GT(memory_for_patches(0, alone), 0);
}

}  // namespace
}  // namespace cloudmask
