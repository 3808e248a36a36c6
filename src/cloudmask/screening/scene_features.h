#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cloudmask/scene/scene.h"
#include "cloudmask/screening/local_deviation.h"

namespace cloudmask {

/// What the methods without a network look at: one plane [H,W] of float each. Reflectances, and what is made of them,
/// are there in daylight only.
enum class Feature : std::uint8_t {
  kS1,  ///< reflectance, like the next five
  kS2,
  kS3,
  kS4,
  kS5,
  kS6,
  kS7,  ///< brightness temperature in K, like all that follow unless they say otherwise
  kS8,
  kS9,
  kS7MinusS8,  ///< missing by night below kColdestS7_k
  kNotGrey,    ///< |S7 - S8|: a grey body shows none by night; infinite where S7 cannot tell it
  kS8MinusS9,
  kNdsi,          ///< (S1 - S5) / (S1 + S5), no unit
  kNdsiByS1,      ///< NDSI / S1, no unit
  kLogS3S2,       ///< ln(S3 / S2), no unit
  kReference,     ///< Tref (clear_reference.h)
  kColdness,      ///< reference - S8
  kSplitAnomaly,  ///< S8 - S9 less its background
  kDeviation3,    ///< standard deviation of S8 in 3x3 pixels
  kDeviation5,    ///< in 5x5 pixels
  kS1Deviation,   ///< of S1 in 3x3 pixels, reflectance
  kS3Deviation,   ///< of S3 in 3x3 pixels, reflectance
};
inline constexpr std::size_t kFeatures = 22;

/// As tables of tests write it: "S8", "S7-S8", "|S7-S8|", "Tref-S8", "std3(S8)", ...
std::string_view feature_name(Feature feature);
std::optional<Feature> find_feature(std::string_view name);

/// By night S7 of colder scenes is noise: the noise of 0.017 K at 300 K grows to 1 K at 220 K (Planck's law).
inline constexpr float kColdestS7_k = 230;

/// What a pixel shows, told from its own values alone; one bit each, for sets of them. By night it is not told.
enum PixelKind : std::uint8_t {
  kNoPixel = 0,  ///< pixel_missing()
  kDaySea = 1,   ///< water, or white: thick cloud over anything looks so too
  kDayLand = 2,  ///< ln(S3/S2) > 0.1: brighter beyond the red edge, as plants and deserts are
  kDaySnow = 4,  ///< NDSI > 0.4, S3 > 0.11, S8 < 280 K, S4 < 0.0525 (MOD35, Ackerman et al. 2010)
  kNight = 8,
};

/// The planes of one scene. What is missing is NaN, and is kept out of every neighbour's value.
class SceneFeatures {
 public:
  /// Computes all planes; the memory is kept from scene to scene. `threads` 0: as many as there are cores.
  void compute(const Scene& scene, int threads = 0);

  int height_px() const { return height_px_; }
  int width_px() const { return width_px_; }
  std::size_t pixels() const { return kinds_.size(); }
  const float* plane(Feature feature) const { return planes_[static_cast<std::size_t>(feature)].data(); }
  const std::uint8_t* kinds() const { return kinds_.data(); }  ///< [H,W] PixelKind

 private:
  float* row_of(Feature feature, int row);
  PlaneView view(Feature feature) const { return {plane(feature), height_px_, width_px_}; }
  void split_channels(const Scene& scene, int row);
  void combine_channels(int row);
  void compare_with_background(int threads);

  int height_px_ = 0;
  int width_px_ = 0;
  std::array<UninitialisedVector<float>, kFeatures> planes_;
  UninitialisedVector<std::uint8_t> kinds_;
};

}  // namespace cloudmask
