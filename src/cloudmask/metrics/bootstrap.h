#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace cloudmask {

// Percentile bootstrap (Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 13). What is drawn anew
// are scenes: neighbouring pixels of a scene are right or wrong together.

/// A figure with the interval that holds it in 95 of 100 samples; NaN where there is none.
struct Estimate {
  double value = std::numeric_limits<double>::quiet_NaN();
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();
};

inline constexpr double kConfidence = 0.95;
inline constexpr std::size_t kResamples = 2000;
inline constexpr std::uint64_t kResamplingSeed = 1;

/// kResamples draws, with replacement, of `items` indices below `items`; the same on every machine.
std::vector<std::vector<std::size_t>> resample(std::size_t items);

/// `value` with the central kConfidence of `resampled`, between whose ordered values it interpolates. Values that are
/// NaN (a score without pixels) do not count; the interval is NaN when no other is left.
Estimate estimate(double value, std::vector<double> resampled);

}  // namespace cloudmask
