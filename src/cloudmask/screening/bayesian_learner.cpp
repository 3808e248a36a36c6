#include "cloudmask/screening/bayesian_learner.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cloudmask/base/error.h"

namespace cloudmask {
namespace {

/// Draws the prior of a kind that was hardly seen towards one half, as if so many pixels had been seen.
constexpr double kPriorPixels = 100;

template <typename CloudProbability>
void estimate(KindTables& kind, const std::vector<BayesianSample>& samples, CloudProbability cloud_probability) {
  std::vector<double> spectral_clear(kind.spectral.cells());
  std::vector<double> spectral_cloud(kind.spectral.cells());
  std::vector<double> texture_clear(kind.texture.cells());
  std::vector<double> texture_cloud(kind.texture.cells());
  double cloud_pixels = kPriorPixels / 2;
  for (const BayesianSample& sample : samples) {
    const double cloud = cloud_probability(sample);
    spectral_clear[sample.spectral] += 1 - cloud;
    spectral_cloud[sample.spectral] += cloud;
    texture_clear[sample.texture] += 1 - cloud;
    texture_cloud[sample.texture] += cloud;
    cloud_pixels += cloud;
  }
  kind.spectral.estimate(std::move(spectral_clear), std::move(spectral_cloud));
  kind.texture.estimate(std::move(texture_clear), std::move(texture_cloud));
  kind.cloud_prior = cloud_pixels / (static_cast<double>(samples.size()) + kPriorPixels);
}

KindTables learn_kind(KindTables kind, const std::vector<BayesianSample>& samples, int steps) {
  estimate(kind, samples, [](const BayesianSample& sample) { return sample.cloud; });
  for (int step = 0; step < steps; ++step) {
    const std::vector<float> spectral = kind.spectral.log_ratio();
    const std::vector<float> texture = kind.texture.log_ratio();
    const auto prior = static_cast<float>(std::log(kind.cloud_prior / (1 - kind.cloud_prior)));
    estimate(kind, samples, [&](const BayesianSample& sample) {
      return 1 / (1 + std::exp(-(prior + spectral[sample.spectral] + texture[sample.texture])));
    });
  }
  return kind;
}

}  // namespace

void BayesianLearner::add(const SceneFeatures& features, const Evidence& evidence) {
  const auto width = static_cast<std::size_t>(features.width_px());
  // Every n-th pixel of every row, shifted from row to row.
  const std::size_t step = (features.pixels() + kMostPixels - 1) / kMostPixels;
  std::vector<std::uint32_t> spectral(width);
  std::vector<std::uint32_t> texture(width);
  for (std::size_t row = 0; row < static_cast<std::size_t>(features.height_px()); ++row) {
    const std::size_t first = row * width;
    for (std::size_t number = 0; number < samples_.size(); ++number) {
      const KindTables& kind = tables_.kinds[number];
      const std::uint8_t* kinds = features.kinds() + first;
      if (std::find(kinds, kinds + width, kind.kind) == kinds + width) continue;
      kind.spectral.find_cells(features, first, spectral);
      kind.texture.find_cells(features, first, texture);
      for (std::size_t i = row % step; i < width; i += step) {
        if (kinds[i] == kind.kind) samples_[number].push_back({spectral[i], texture[i], evidence.cloud[first + i]});
      }
    }
  }
}

std::size_t BayesianLearner::pixels() const {
  std::size_t sum = 0;
  for (const auto& samples : samples_) sum += samples.size();
  return sum;
}

BayesianTables BayesianLearner::learn(int steps) const {
  BayesianTables tables;
  std::size_t most = 0;
  for (std::size_t number = 0; number < samples_.size(); ++number) {
    most = std::max(most, samples_[number].size());
    if (samples_[number].size() < kFewestPixels) continue;
    tables.kinds.push_back(learn_kind(tables_.kinds[number], samples_[number], steps));
  }
  if (tables.kinds.empty()) {
    throw Error(
        fmt::format("{} pixels are too few to learn tables from, {} of one kind are needed; give more scenes or "
                    "use --method threshold",
                    most, kFewestPixels));
  }
  return tables;
}

}  // namespace cloudmask
