#include "cloudmask/sst/sst_score.h"

#include <algorithm>
#include <cmath>

#include "cloudmask/base/error.h"

namespace cloudmask {
namespace {

constexpr int kSquare_px = 50;
constexpr std::size_t kFewest = 20;

bool is_sea(const Scene& scene, std::size_t pixel) {
  return scene.surface.empty() || scene.surface[pixel] == static_cast<std::uint8_t>(Surface::kSea);
}

double median(std::vector<float>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return static_cast<double>(*middle);
}

/// Called with the pixels of each square.
template <typename Work>
void for_each_square(const Scene& scene, Work work) {
  std::vector<std::size_t> pixels;
  for (int top = 0; top < scene.height_px; top += kSquare_px) {
    for (int left = 0; left < scene.width_px; left += kSquare_px) {
      pixels.clear();
      for (int y = top; y < std::min(top + kSquare_px, scene.height_px); ++y) {
        for (int x = left; x < std::min(left + kSquare_px, scene.width_px); ++x) {
          pixels.push_back(static_cast<std::size_t>(y) * static_cast<std::size_t>(scene.width_px) +
                           static_cast<std::size_t>(x));
        }
      }
      work(pixels);
    }
  }
}

}  // namespace

void SstScore::merge(const SstScore& other) {
  pixels += other.pixels;
  clear_pixels += other.clear_pixels;
  missed_pixels += other.missed_pixels;
  missed.merge(other.missed);
  error.merge(other.error);
}

SstScore score_sst(const Scene& scene, const std::vector<float>& sst_k, const std::vector<std::uint8_t>& cloud,
                   const SstReference& reference) {
  CM_CHECK(sst_k.size() == scene.pixels() && cloud.size() == scene.pixels());
  SstScore score;
  std::vector<float> around_k;
  std::vector<float> missed_k;
  for_each_square(scene, [&](const std::vector<std::size_t>& square) {
    around_k.clear();
    missed_k.clear();
    for (const std::size_t i : square) {
      if (std::isnan(sst_k[i]) || cloud[i] == kUnknown || !is_sea(scene, i)) continue;
      ++score.pixels;
      if (cloud[i] != kClear) continue;
      ++score.clear_pixels;
      if (!reference.surface_temperature_k.empty() && !std::isnan(reference.surface_temperature_k[i])) {
        score.error.add(static_cast<double>(sst_k[i] - reference.surface_temperature_k[i]));
      }
      if (reference.cloud.empty() || reference.cloud[i] == kUnknown) continue;
      (reference.cloud[i] == kCloud ? missed_k : around_k).push_back(sst_k[i]);
    }
    score.missed_pixels += missed_k.size();
    if (around_k.size() < kFewest || missed_k.empty()) return;
    const double clear_k = median(around_k);
    for (const float value_k : missed_k) score.missed.add(static_cast<double>(value_k) - clear_k);
  });
  return score;
}

}  // namespace cloudmask
