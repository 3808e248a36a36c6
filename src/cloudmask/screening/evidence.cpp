#include "cloudmask/screening/evidence.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cloudmask/base/error.h"
#include "cloudmask/base/parallel_for.h"

namespace cloudmask {
namespace {

constexpr std::size_t kBandRows = 32;
constexpr float kCloudSeed = 0.97F;
constexpr float kClearSeed = 0.05F;
constexpr float kSmooth_k = 0.6F;
constexpr int kSafe_px = 2;

// What one thread needs for one row.
struct Row {
  explicit Row(std::size_t width) : evidence(width), clear(width), flags(width) {}
  std::vector<float> evidence;  ///< of the test at hand
  std::vector<float> clear;     ///< product of (1 - evidence) so far
  std::vector<std::uint16_t> flags;
};

void apply(const ThresholdTest& test, const SceneFeatures& features, std::size_t first, Row& row) {
  const std::size_t width = row.evidence.size();
  const std::uint8_t* kinds = features.kinds() + first;
  for (std::size_t i = 0; i < width; ++i) row.evidence[i] = (kinds[i] & test.kinds) != 0 ? 1.0F : 0.0F;
  for (const Ramp& ramp : test.ramps) {
    const float* values = features.plane(ramp.quantity) + first;
    const float slope = 1 / (ramp.cloud - ramp.clear);
    for (std::size_t i = 0; i < width; ++i) {
      // In this order of arguments NaN becomes 0.
      row.evidence[i] *= std::min(1.0F, std::max(0.0F, (values[i] - ramp.clear) * slope));
    }
  }
  const auto bit = static_cast<std::uint16_t>(1U << static_cast<unsigned>(test.bit));
  for (std::size_t i = 0; i < width; ++i) {
    row.clear[i] *= 1 - row.evidence[i];
    row.flags[i] = static_cast<std::uint16_t>(row.flags[i] | (row.evidence[i] >= kTestLimit ? bit : 0));
  }
}

}  // namespace

Evidence weigh_evidence(const SceneFeatures& features, const ThresholdTests& tests, int threads) {
  Evidence result;
  result.cloud.resize(features.pixels());
  result.flags.resize(features.pixels());
  const auto width = static_cast<std::size_t>(features.width_px());
  const auto height = static_cast<std::size_t>(features.height_px());
  const auto work = [&](std::size_t band) {
    Row row(width);
    for (std::size_t y = band * kBandRows; y < std::min(height, (band + 1) * kBandRows); ++y) {
      const std::size_t first = y * width;
      const std::uint8_t* kinds = features.kinds() + first;
      std::fill(row.clear.begin(), row.clear.end(), 1.0F);
      std::fill(row.flags.begin(), row.flags.end(), std::uint16_t{0});
      std::uint8_t present = 0;
      for (std::size_t i = 0; i < width; ++i) present = static_cast<std::uint8_t>(present | kinds[i]);
      for (const ThresholdTest& test : tests.tests) {
        if ((test.kinds & present) != 0) apply(test, features, first, row);
      }
      for (std::size_t i = 0; i < width; ++i) {
        result.cloud[first + i] = kinds[i] == kNoPixel ? std::numeric_limits<float>::quiet_NaN() : 1 - row.clear[i];
      }
      std::copy(row.flags.begin(), row.flags.end(), result.flags.begin() + static_cast<std::ptrdiff_t>(first));
    }
  };
  parallel_for((height + kBandRows - 1) / kBandRows, work, threads);
  return result;
}

std::vector<std::uint8_t> find_seeds(const SceneFeatures& features, const Evidence& evidence) {
  CM_CHECK(evidence.cloud.size() == features.pixels());
  const int height = features.height_px();
  const int width = features.width_px();
  const float* deviation_k = features.plane(Feature::kDeviation3);
  std::vector<std::uint8_t> seeds(features.pixels(), kUnknown);
  for (std::size_t i = 0; i < seeds.size(); ++i) {
    if (evidence.cloud[i] > kCloudSeed) {
      seeds[i] = kCloud;
    } else if (evidence.cloud[i] < kClearSeed && deviation_k[i] < kSmooth_k) {
      seeds[i] = kClear;
    }
  }
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      if (seeds[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)] !=
          kCloud) {
        continue;
      }
      for (int near_y = std::max(0, y - kSafe_px); near_y <= std::min(height - 1, y + kSafe_px); ++near_y) {
        for (int near_x = std::max(0, x - kSafe_px); near_x <= std::min(width - 1, x + kSafe_px); ++near_x) {
          std::uint8_t& seed = seeds[static_cast<std::size_t>(near_y) * static_cast<std::size_t>(width) +
                                     static_cast<std::size_t>(near_x)];
          if (seed == kClear) seed = kUnknown;
        }
      }
    }
  }
  return seeds;
}

}  // namespace cloudmask
