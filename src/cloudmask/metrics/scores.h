#pragma once

#include <cstdint>
#include <span>

namespace cloudmask {

/// Counts over pixels, mergeable over scenes, patches and ranks. "Positive" is cloud.
struct PixelCounts {
  std::uint64_t true_cloud = 0;   ///< called cloud, is cloud
  std::uint64_t false_cloud = 0;  ///< called cloud, is clear
  std::uint64_t true_clear = 0;   ///< called clear, is clear
  std::uint64_t false_clear = 0;  ///< called clear, is cloud
  double log_loss_sum = 0;        ///< natural logarithm, probability clipped to [1e-7, 1 - 1e-7] as Keras does

  /// Pixels whose truth is kUnknown (255) or whose probability is NaN are left out.
  void add(float cloud_probability, std::uint8_t truth, double threshold);
  /// The same for all pixels of two rasters.
  void add(std::span<const float> cloud_probability, std::span<const std::uint8_t> truth, double threshold);
  /// Adds the counts of other pixels.
  void merge(const PixelCounts& other);
  /// All that were counted.
  std::uint64_t pixels() const { return true_cloud + false_cloud + true_clear + false_clear; }
};

/// Scores of the contract. A score whose denominator is zero is NaN (JSON: null).
struct Scores {
  double accuracy = 0;           ///< pixels called right / pixels
  double balanced_accuracy = 0;  ///< mean of hit rate and 1 - false-alarm rate
  double hit_rate = 0;           ///< clouds found / clouds
  double false_alarm_rate = 0;   ///< clear called cloud / clear (probability of false detection)
  double true_skill = 0;         ///< Hanssen and Kuipers: hit rate - false-alarm rate
  double f1 = 0;                 ///< of cloud: 2 x hits / (2 x hits + misses + false alarms)
  double iou = 0;                ///< of cloud: hits / (hits + misses + false alarms)
  double log_loss = 0;           ///< mean over the pixels
  std::uint64_t pixels = 0;      ///< that were counted
};

/// The scores that counts give.
Scores score(const PixelCounts& counts);

}  // namespace cloudmask
