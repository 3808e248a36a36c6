#include "cloudmask/data/cloud_pasting.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "cloudmask/data/network_input.h"

namespace cloudmask {
namespace {

constexpr int kSize_px = 64;
constexpr std::size_t kPixels = std::size_t{kSize_px} * kSize_px;

// Clear sea by night whose first pixel is missing and whose second is not known.
struct Patch {
  Patch() {
    for (std::size_t i = 0; i < kPixels; ++i) {
      input.insert(input.end(), kReflectanceBands, i == 0 ? 0.0F : -kReflectanceOffset);
      input.insert(input.end(), kBrightnessTemperatureBands, i == 0 ? 0.0F : 0.8F);
    }
    weight[0] = weight[1] = 0;
  }
  void paste(double share, std::uint64_t seed) {
    CloudPasting(1, share).apply(seed, {kSize_px, kChannels, input.data(), target.data(), weight.data()});
  }
  std::vector<float> input;
  std::vector<float> target = std::vector<float>(kPixels, 0.02F);
  std::vector<float> weight = std::vector<float>(kPixels, 1);
};

TEST(CloudPasting, TeachesCloudWhereItPutCloudAndNothingElse) {
  const Patch before;
  Patch patch;
  patch.paste(1, 4);
  std::size_t pasted = 0;
  for (std::size_t i = 0; i < kPixels; ++i) {
    const bool changed =
        !std::equal(&patch.input[i * kChannels], &patch.input[i * kChannels] + kChannels, &before.input[i * kChannels]);
    if (patch.target[i] != before.target[i]) {
      ASSERT_TRUE(changed);
      ASSERT_EQ(patch.target[i], 1);
      ASSERT_EQ(patch.weight[i], 1);
      ++pasted;
    }
  }
  EXPECT_GT(pasted, kPixels / 50);
  EXPECT_EQ(patch.input[7], 0) << "a missing pixel stays missing";
  EXPECT_EQ(patch.weight[0], 0);
}

TEST(CloudPasting, LeavesTheOtherPatchesAsTheyAre) {
  const Patch before;
  Patch patch;
  patch.paste(0, 4);
  EXPECT_EQ(patch.input, before.input);
  EXPECT_EQ(patch.target, before.target);
}

}  // namespace
}  // namespace cloudmask
