#include "cloudmask/simulation/cloud_simulator.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace cloudmask {
namespace {

constexpr int kSize_px = 64;
constexpr std::size_t kPixels = std::size_t{kSize_px} * kSize_px;
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// Sea at 290 K under clear sky.
struct Sea {
  explicit Sea(bool lit) {
    for (std::size_t i = 0; i < kPixels; ++i) {
      for (const float value : {.05F, .04F, .03F, .002F, .01F, .005F}) channels.push_back(lit ? value : 0.0F);
      for (const float value : {290.0F, 290.0F, 289.5F}) channels.push_back(value);
    }
  }
  PatchPixels pixels() { return {kSize_px, channels.data(), cloud_probability.data()}; }

  std::vector<float> channels;
  std::vector<float> cloud_probability = std::vector<float>(kPixels, 0.02F);
};

const CloudSimulator& simulator() {
  static const CloudSimulator made(3);
  return made;
}

TEST(FractalBank, PiecesAreStandardNoiseThatDiffers) {
  const FractalBank bank(1);
  Random random(2);
  const auto a = bank.piece(FractalBank::Texture::kRough, 0.3F, kSize_px, random);
  const auto b = bank.piece(FractalBank::Texture::kRough, 0.3F, kSize_px, random);
  EXPECT_NE(a, b);
  double squares = 0;
  for (const float value : a) squares += static_cast<double>(value) * static_cast<double>(value);
  EXPECT_NEAR(std::sqrt(squares / kPixels), 1, 0.5);
}

TEST(CloudSimulator, TheSameSeedGivesTheSameCloud) {
  Sea a(true);
  Sea b(true);
  const auto depth = simulator().paste(a.pixels(), 7);
  EXPECT_EQ(simulator().paste(b.pixels(), 7), depth);
  EXPECT_EQ(a.channels, b.channels);
  Sea c(true);
  EXPECT_NE(simulator().paste(c.pixels(), 8), depth);
}

TEST(CloudSimulator, OnlyPixelsUnderCloudChange) {
  for (const bool lit : {true, false}) {
    const Sea clear(lit);
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      Sea cloudy(lit);
      const auto depth = simulator().paste(cloudy.pixels(), seed);
      ASSERT_EQ(depth.size(), kPixels);
      for (std::size_t i = 0; i < kPixels; ++i) {
        for (std::size_t band = 0; band < kChannels; ++band) {
          const float value = cloudy.channels[i * kChannels + band];
          ASSERT_TRUE(std::isfinite(value));
          if (depth[i] == 0) {
            ASSERT_EQ(value, clear.channels[i * kChannels + band]);
          }
        }
      }
    }
  }
}

// What makes cloud visible: dark ground brightens, tops are cold, water cloud by night is darker at 3.7 um.
TEST(CloudSimulator, ThickCloudLooksLikeCloud) {
  double brighter = 0;
  double colder_k = 0;
  double fog_k = 0;
  double day = 0;
  double night = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    for (const bool lit : {true, false}) {
      Sea sea(lit);
      const auto depth = simulator().paste(sea.pixels(), seed);
      for (std::size_t i = 0; i < kPixels; ++i) {
        if (depth[i] < 5) continue;
        const float* pixel = &sea.channels[i * kChannels];
        (lit ? day : night) += 1;
        if (lit) brighter += static_cast<double>(pixel[0]);
        colder_k += static_cast<double>(290 - pixel[7]);
        if (!lit && pixel[7] > 282) fog_k += static_cast<double>(pixel[7] - pixel[6]);
      }
    }
  }
  ASSERT_GT(day, 1000);
  EXPECT_GT(brighter / day, 0.3);
  EXPECT_GT(colder_k / (day + night), 8);
  EXPECT_GT(fog_k, 0);
}

TEST(CloudSimulator, MissingPixelsStayMissing) {
  Sea sea(true);
  for (std::size_t band = 0; band < kChannels; ++band) sea.channels[band] = kNaN;
  sea.cloud_probability[0] = kNaN;
  simulator().paste(sea.pixels(), 7);
  for (std::size_t band = 0; band < kChannels; ++band) EXPECT_TRUE(std::isnan(sea.channels[band]));
}

TEST(CloudSimulator, GroundThatNobodySeesIsLeftAlone) {
  Sea sea(true);
  sea.cloud_probability.assign(kPixels, 0.9F);
  const Sea before = sea;
  EXPECT_TRUE(simulator().paste(sea.pixels(), 7).empty());
  EXPECT_EQ(sea.channels, before.channels);
}

}  // namespace
}  // namespace cloudmask
