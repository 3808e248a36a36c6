#include "cloudmask/report/quicklook.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "support/cloudy_scene.h"

namespace cloudmask {
namespace {

Mask mask_of(const std::vector<float>& probabilities) {
  Mask mask;
  mask.height_px = 1;
  mask.width_px = static_cast<int>(probabilities.size());
  mask.cloud_probability = probabilities;
  return mask;
}

int distance(const Rgb& a, const Rgb& b) {
  int sum = 0;
  for (std::size_t i = 0; i < 3; ++i) sum += std::abs(a[i] - b[i]);
  return sum;
}

constexpr int kInvisible = 12;  // of 3 x 255: averages are rounded to fewer levels

TEST(Quicklook, NoProbabilityLooksLikeNoData) {
  for (int percent = 0; percent <= 100; ++percent) {
    const Mask mask = mask_of({static_cast<float>(percent) / 100});
    EXPECT_GT(distance(mask_picture(mask, 10).pixels.at(0), kMissingColour), 100) << percent;
  }
  EXPECT_LT(distance(mask_picture(mask_of({std::nanf("")}), 10).pixels.at(0), kMissingColour), kInvisible);
}

TEST(Quicklook, DisagreementHasTheColoursOfTheLegend) {
  const Mask mask = mask_of({0.9F, 0.1F, 0.9F, 0.1F, std::nanf(""), 0.9F});
  const std::vector<std::uint8_t> truth{kCloud, kClear, kClear, kCloud, kCloud, kUnknown};
  const std::vector<Rgb> wanted{kCloudColour,       kClearColour,   kFalseCloudColour,
                                kMissedCloudColour, kMissingColour, kMissingColour};
  const Image picture = disagreement(mask, truth, 0.5, 10);
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_LT(distance(picture.pixels.at(i), wanted[i]), kInvisible) << i;
}

TEST(Quicklook, EdgesAreThoseOfCloudAtTheThreshold) {
  Scene scene = make_cloudy_scene(40, Sun::kDay);  // cloud from 10 to 29
  Mask mask;
  mask.height_px = mask.width_px = 40;
  for (const std::uint8_t truth : scene.truth) mask.cloud_probability.push_back(truth == kCloud ? 0.6F : 0.1F);
  mask.cloud_probability[15 * 40 + 15] = std::nanf("");
  const auto edges = [&](double threshold) {
    const Image picture = outlined(scene, mask, threshold);
    EXPECT_EQ(picture.pixels.size(), scene.pixels());
    return std::count(picture.pixels.begin(), picture.pixels.end(), kOutlineColour);
  };
  EXPECT_EQ(edges(0.5), 4 * 20 - 4 + 4) << "the square, and what surrounds the missing pixel";
  EXPECT_EQ(edges(0.7), 0);
  EXPECT_EQ(outlined(scene, mask, 0.5).pixels[10 * 40 + 12], kOutlineColour);
}

}  // namespace
}  // namespace cloudmask
