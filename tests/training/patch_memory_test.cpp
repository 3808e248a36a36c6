#include "cloudmask/training/patch_memory.h"

#include <gtest/gtest.h>

#include "cloudmask/model/step_memory.h"
#include "cloudmask/training/patch_loader.h"

namespace cloudmask {
namespace {

constexpr std::int64_t kGiB = std::int64_t{1} << 30;

TEST(PatchMemory, OfAGpuIsHalfOfWhatAStepAndItsBatchesLeave) {
  const Config config;
  const auto step = static_cast<std::int64_t>(step_bytes(config, 2, 256));
  const std::int64_t batches =
      batches_bytes(256, config.data.patch_size_px, input_channels(config.model.normalisation));
  EXPECT_LT(step + batches, 40 * kGiB);
  EXPECT_EQ(device_memory_for_patches(config, 2, 256, 80 * kGiB), (80 * kGiB - step - batches) / 2);
  EXPECT_EQ(device_memory_for_patches(config, 2, 256, step + batches - 1), 0) << "not even they fit";
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
