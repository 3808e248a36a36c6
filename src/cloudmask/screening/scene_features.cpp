#include "cloudmask/screening/scene_features.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cloudmask/base/error.h"
#include "cloudmask/base/parallel_for.h"
#include "cloudmask/screening/block_grid.h"
#include "cloudmask/screening/clear_reference.h"

namespace cloudmask {
namespace {

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinite = std::numeric_limits<float>::infinity();
constexpr std::size_t kBandRows = 64;  ///< rows that one call of a thread takes

/// In the order of Feature.
constexpr std::array<std::string_view, kFeatures> kNames = {
    "S1",       "S2",       "S3",       "S4",      "S5",      "S6",        "S7",   "S8",      "S9",
    "S7-S8",    "|S7-S8|",  "S8-S9",    "NDSI",    "NDSI/S1", "ln(S3/S2)", "Tref", "Tref-S8", "S8-S9 anomaly",
    "std3(S8)", "std5(S8)", "std3(S1)", "std3(S3)"};

// Snow of the MOD35 cloud mask; the limit of land is ours: between cloud (0) and sparse plants or sand (0.2).
constexpr float kSnowNdsi = 0.4F;
constexpr float kSnowS3 = 0.11F;
constexpr float kSnowS8_k = 280;
constexpr float kSnowS4 = 0.0525F;
constexpr float kLandLogS3S2 = 0.1F;

PixelKind day_kind(float ndsi, float log_s3_s2, float s3, float s4, float s8_k) {
  if (ndsi > kSnowNdsi && s3 > kSnowS3 && s8_k < kSnowS8_k && !(s4 >= kSnowS4)) return kDaySnow;
  return log_s3_s2 > kLandLogS3S2 ? kDayLand : kDaySea;
}

/// Of two values that may be missing, negative or zero by noise.
float normalised_difference(float a, float b) { return a + b > 0 ? std::clamp((a - b) / (a + b), -1.0F, 1.0F) : kNone; }
float log_ratio(float a, float b) { return a > 0 && b > 0 ? std::log(a / b) : kNone; }

void for_rows(int rows, int threads, const std::function<void(int)>& work) {
  const auto count = static_cast<std::size_t>(rows);
  parallel_for((count + kBandRows - 1) / kBandRows,
               [&](std::size_t band) {
                 const std::size_t end = std::min(count, (band + 1) * kBandRows);
                 for (std::size_t row = band * kBandRows; row < end; ++row) work(static_cast<int>(row));
               },
               threads);
}

}  // namespace

std::string_view feature_name(Feature feature) { return kNames[static_cast<std::size_t>(feature)]; }

std::optional<Feature> find_feature(std::string_view name) {
  const auto* const found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Feature>(found - kNames.begin());
}

float* SceneFeatures::row_of(Feature feature, int row) {
  return planes_[static_cast<std::size_t>(feature)].data() +
         static_cast<std::size_t>(row) * static_cast<std::size_t>(width_px_);
}

void SceneFeatures::split_channels(const Scene& scene, int row) {
  const std::size_t first = static_cast<std::size_t>(row) * static_cast<std::size_t>(width_px_);
  std::array<float*, kChannels> out{};
  for (std::size_t band = 0; band < kChannels; ++band) out[band] = row_of(static_cast<Feature>(band), row);
  for (std::size_t column = 0; column < static_cast<std::size_t>(width_px_); ++column) {
    const std::size_t pixel = first + column;
    const bool there = !pixel_missing(scene, pixel);
    const bool lit = there && pixel_in_daylight(scene, pixel);
    for (std::size_t band = 0; band < kReflectanceBands; ++band) {
      out[band][column] = lit ? scene.reflectance[pixel * kReflectanceBands + band] : kNone;
    }
    for (std::size_t band = 0; band < kBrightnessTemperatureBands; ++band) {
      out[kReflectanceBands + band][column] =
          there ? scene.brightness_temperature_k[pixel * kBrightnessTemperatureBands + band] : kNone;
    }
    kinds_[pixel] = lit ? kDaySea : there ? kNight : kNoPixel;  // combine_channels tells the kinds of day apart
  }
}

void SceneFeatures::combine_channels(int row) {
  const auto in = [&](Feature feature) { return static_cast<const float*>(row_of(feature, row)); };
  const float *s1 = in(Feature::kS1), *s2 = in(Feature::kS2), *s3 = in(Feature::kS3), *s4 = in(Feature::kS4);
  const float *s5 = in(Feature::kS5), *s7 = in(Feature::kS7), *s8 = in(Feature::kS8), *s9 = in(Feature::kS9);
  float *s7_s8 = row_of(Feature::kS7MinusS8, row), *s8_s9 = row_of(Feature::kS8MinusS9, row);
  float* not_grey = row_of(Feature::kNotGrey, row);
  float *ndsi = row_of(Feature::kNdsi, row), *ndsi_s1 = row_of(Feature::kNdsiByS1, row);
  float* log_s3_s2 = row_of(Feature::kLogS3S2, row);
  std::uint8_t* kinds = kinds_.data() + static_cast<std::size_t>(row) * static_cast<std::size_t>(width_px_);
  for (int column = 0; column < width_px_; ++column) {
    s8_s9[column] = s8[column] - s9[column];
    const bool lit = kinds[column] == kDaySea;
    s7_s8[column] = lit || s8[column] >= kColdestS7_k ? s7[column] - s8[column] : kNone;
    not_grey[column] = std::isnan(s8[column]) ? kNone : std::isnan(s7_s8[column]) ? kInfinite : std::abs(s7_s8[column]);
    ndsi[column] = ndsi_s1[column] = log_s3_s2[column] = kNone;
    if (!lit) continue;
    ndsi[column] = normalised_difference(s1[column], s5[column]);
    ndsi_s1[column] = s1[column] > 0 ? ndsi[column] / s1[column] : kNone;
    log_s3_s2[column] = log_ratio(s3[column], s2[column]);
    kinds[column] = day_kind(ndsi[column], log_s3_s2[column], s3[column], s4[column], s8[column]);
  }
}

void SceneFeatures::compare_with_background(int threads) {
  constexpr double kMiddle = 0.5;  // of the split window: clear, or thick cloud
  const BlockGrid warm = clear_reference(view(Feature::kS8), threads);
  const BlockGrid split = window_mean(block_percentile(view(Feature::kS8MinusS9), kMiddle, threads), /*radius=*/2);
  for_rows(height_px_, threads, [&](int row) {
    float *reference = row_of(Feature::kReference, row), *coldness = row_of(Feature::kColdness, row);
    float* anomaly = row_of(Feature::kSplitAnomaly, row);
    const float *s8 = row_of(Feature::kS8, row), *s8_s9 = row_of(Feature::kS8MinusS9, row);
    interpolate_row(warm, row, width_px_, reference);
    interpolate_row(split, row, width_px_, anomaly);
    for (int column = 0; column < width_px_; ++column) {
      coldness[column] = reference[column] - s8[column];
      anomaly[column] = s8_s9[column] - anomaly[column];
      if (std::isnan(s8[column])) reference[column] = kNone;
    }
  });
}

void SceneFeatures::compute(const Scene& scene, int threads) {
  height_px_ = scene.height_px;
  width_px_ = scene.width_px;
  kinds_.resize(scene.pixels());
  for (auto& plane : planes_) plane.resize(scene.pixels());
  CM_CHECK(scene.reflectance.size() == scene.pixels() * kReflectanceBands);
  CM_CHECK(scene.brightness_temperature_k.size() == scene.pixels() * kBrightnessTemperatureBands);
  for_rows(height_px_, threads, [&](int row) {
    split_channels(scene, row);
    combine_channels(row);
  });
  compare_with_background(threads);
  const auto deviation = [&](Feature of, int radius_px, Feature to) {
    local_deviation(view(of), radius_px, planes_[static_cast<std::size_t>(to)].data(), threads);
  };
  deviation(Feature::kS8, 1, Feature::kDeviation3);
  deviation(Feature::kS8, 2, Feature::kDeviation5);
  deviation(Feature::kS1, 1, Feature::kS1Deviation);
  deviation(Feature::kS3, 1, Feature::kS3Deviation);
}

}  // namespace cloudmask
