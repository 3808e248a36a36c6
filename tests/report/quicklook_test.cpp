#include "cloudmask/report/quicklook.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstdlib>

namespace cloudmask {
namespace {

using ::testing::ElementsAre;

Mask mask_of(const std::vector<float>& probabilities) {
  Mask mask;
  mask.height_px = 1;
  mask.width_px = static_cast<int>(probabilities.size());
  mask.cloud_probability = probabilities;
  return mask;
}

TEST(Quicklook, NoProbabilityLooksLikeNoData) {
  for (float probability = 0; probability <= 1; probability += 0.01F) {
    const Rgb colour = mask_picture(mask_of({probability}), 10).pixels.at(0);
    int distance = 0;
    for (std::size_t i = 0; i < 3; ++i) distance += std::abs(colour[i] - kMissingColour[i]);
    EXPECT_GT(distance, 100) << probability;
  }
  EXPECT_EQ(mask_picture(mask_of({std::nanf("")}), 10).pixels.at(0), kMissingColour);
}

TEST(Quicklook, DisagreementHasTheColoursOfTheLegend) {
  const Mask mask = mask_of({0.9F, 0.1F, 0.9F, 0.1F, std::nanf(""), 0.9F});
  const std::vector<std::uint8_t> truth{kCloud, kClear, kClear, kCloud, kCloud, kUnknown};
  EXPECT_THAT(
      disagreement(mask, truth, 0.5, 10).pixels,
      ElementsAre(kCloudColour, kClearColour, kFalseCloudColour, kMissedCloudColour, kMissingColour, kMissingColour));
}

}  // namespace
}  // namespace cloudmask
