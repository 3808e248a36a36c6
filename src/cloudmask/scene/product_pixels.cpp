#include "cloudmask/scene/product_pixels.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>
#include <vector>

#include "cloudmask/base/error.h"
#include "cloudmask/scene/scene.h"

namespace cloudmask {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// Bit pixel_absent, 2, alone is kept; NaN is an exception.
inline bool exceptional(float exception) { return exception != 0 && exception != 2; }

constexpr unsigned kUnfilled = 32;

// uint16 without a fill value: what is no such number is as unfilled as a pixel can be.
unsigned confidence_bits(float flags) {
  return flags >= 0 && flags <= 65535 ? static_cast<unsigned>(flags) : kUnfilled;
}

struct Tie {
  float pixel;
  float value;
};

std::vector<Tie> valid_ties(std::span<const float> ties, std::ptrdiff_t first_px) {
  std::vector<Tie> valid;
  valid.reserve(ties.size());
  for (std::size_t i = 0; i < ties.size(); ++i) {
    if (!std::isfinite(ties[i])) continue;
    valid.push_back({static_cast<float>(first_px + static_cast<std::ptrdiff_t>(i) * kTieSpacing_px), ties[i]});
  }
  return valid;
}

// Row `row` of the 500 m grid from below 1 km column 0 on, radiance times gain.
void calibrate_row(const FineChannel& channel, const FineGrid& grid, std::ptrdiff_t row, std::span<float> out) {
  std::fill(out.begin(), out.end(), kNaN);
  if (row < 0 || row >= static_cast<std::ptrdiff_t>(grid.height_px)) return;
  const auto width = static_cast<std::ptrdiff_t>(grid.width_px);
  const std::ptrdiff_t begin = std::max<std::ptrdiff_t>(0, -grid.first_column);
  const std::ptrdiff_t end = std::min(static_cast<std::ptrdiff_t>(out.size()), width - grid.first_column);
  if (begin >= end) return;
  const auto count = static_cast<std::size_t>(end - begin);
  const std::ptrdiff_t first = row * width + grid.first_column + begin;
  const float* const radiance = channel.radiance + first;
  const DetectorGains& gains = *channel.gains;
  const std::span<float> found = out.subspan(static_cast<std::size_t>(begin), count);
  // One loop looks up, the other is one for vectors.
  if (channel.detector != nullptr) {
    const std::uint8_t* const detector = channel.detector + first;
    for (std::size_t i = 0; i < count; ++i) found[i] = radiance[i] * gains[detector[i]];
  } else {
    for (std::size_t i = 0; i < count; ++i) found[i] = radiance[i] * gains.back();
  }
  drop_exceptions({channel.exception + first, count}, found);
}

}  // namespace

void spread_tie_points(std::span<const float> ties, std::ptrdiff_t first_px, std::span<float> pixels) {
  const std::vector<Tie> valid = valid_ties(ties, first_px);
  std::fill(pixels.begin(), pixels.end(), kNaN);
  if (valid.size() < 2) return;
  const float first = valid.front().pixel - kTieSpacing_px;
  const float last = valid.back().pixel + kTieSpacing_px;
  std::size_t left = 0;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const auto pixel = static_cast<float>(i);
    while (left + 2 < valid.size() && pixel >= valid[left + 1].pixel) ++left;
    const Tie& a = valid[left];
    const Tie& b = valid[left + 1];
    if (pixel >= first && pixel <= last) {
      pixels[i] = a.value + (b.value - a.value) * ((pixel - a.pixel) / (b.pixel - a.pixel));
    }
  }
}

void reciprocal_cosine(std::span<const float> sun_zenith_deg, std::span<float> out) {
  constexpr float kLowestSun_deg = 85;
  constexpr float kRadians = std::numbers::pi_v<float> / 180;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const float angle = sun_zenith_deg[i];
    out[i] = angle >= 0 && angle < kLowestSun_deg ? 1 / std::cos(angle * kRadians) : kNaN;
  }
}

DetectorGains detector_gains(std::span<const float> irradiance, float otherwise, float adjustment) {
  const auto usable = [](float value) { return std::isfinite(value) && value > 0; };
  float sum = 0;
  float count = 0;
  for (const float value : irradiance) {
    sum += usable(value) ? value : 0.0F;
    count += usable(value) ? 1.0F : 0.0F;
  }
  const float mean = count > 0 ? sum / count : otherwise;
  DetectorGains gains{};
  for (std::size_t i = 0; i < gains.size(); ++i) {
    const float found = i < irradiance.size() && usable(irradiance[i]) ? irradiance[i] : mean;
    gains[i] = std::numbers::pi_v<float> * adjustment / found;
  }
  return gains;
}

void average_fine_row(const FineChannel& channel, const FineGrid& grid, std::size_t row, std::span<float> out) {
  thread_local std::vector<float> upper;
  thread_local std::vector<float> lower;
  upper.resize(2 * out.size());
  lower.resize(2 * out.size());
  const std::ptrdiff_t first = grid.first_row + 2 * static_cast<std::ptrdiff_t>(row);
  calibrate_row(channel, grid, first, upper);
  calibrate_row(channel, grid, first + 1, lower);
  for (std::size_t i = 0; i < out.size(); ++i) {
    float sum = 0;
    float valid = 0;
    for (const float value : {upper[2 * i], upper[2 * i + 1], lower[2 * i], lower[2 * i + 1]}) {
      const bool there = value == value;
      sum += there ? value : 0.0F;
      valid += there ? 1.0F : 0.0F;
    }
    out[i] = sum / valid;  // NaN where none is: 0 / 0
  }
}

void drop_exceptions(std::span<const float> exceptions, std::span<float> values) {
  CM_CHECK(exceptions.size() >= values.size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = exceptional(exceptions[i]) ? kNaN : values[i];
}

void bayes_codes(std::span<const float> flags, std::span<std::uint8_t> out) {
  constexpr unsigned kSingleModerate = 2;
  constexpr unsigned kNotPopulated = 255;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto bits = flags[i] >= 0 && flags[i] < kNotPopulated ? static_cast<unsigned>(flags[i]) : kNotPopulated;
    out[i] = bits == kNotPopulated ? kUnknown : (bits & kSingleModerate) != 0 ? kCloud : kClear;
  }
}

void confidence_surface(std::span<const float> flags, std::span<std::uint8_t> out) {
  constexpr unsigned kOcean = 2;
  constexpr unsigned kLand = 8;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const unsigned bits = confidence_bits(flags[i]);
    const Surface surface = (bits & kOcean) != 0  ? Surface::kSea
                            : (bits & kLand) != 0 ? Surface::kLand
                                                  : Surface::kNotKnown;
    out[i] = static_cast<std::uint8_t>(surface);
  }
}

void summary_codes(std::span<const float> flags, std::span<std::uint8_t> out) {
  constexpr unsigned kSummaryCloud = 16384;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const unsigned bits = confidence_bits(flags[i]);
    const std::uint8_t known = (bits & kSummaryCloud) != 0 ? kCloud : kClear;
    out[i] = (bits & kUnfilled) != 0 ? kUnknown : known;
  }
}

}  // namespace cloudmask
