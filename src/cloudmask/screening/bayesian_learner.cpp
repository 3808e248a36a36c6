#include "cloudmask/screening/bayesian_learner.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cloudmask/base/error.h"

namespace cloudmask {
namespace {

/// Draws the prior of a kind that was hardly seen towards one half, as if so many pixels had been seen.
constexpr double kPriorPixels = 100;

float probability(float log_odds) { return 1 / (1 + std::exp(-log_odds)); }

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
  if (pixels() == 0) throw Error("there is nothing to learn tables from: no scene has a pixel with data");
  BayesianTables tables = tables_;
  for (std::size_t number = 0; number < samples_.size(); ++number) {
    KindTables& kind = tables.kinds[number];
    const std::vector<Sample>& samples = samples_[number];
    const auto estimate = [&](auto cloud_probability) {
      std::vector<double> spectral[2] = {std::vector<double>(kind.spectral.cells()),
                                         std::vector<double>(kind.spectral.cells())};
      std::vector<double> texture[2] = {std::vector<double>(kind.texture.cells()),
                                        std::vector<double>(kind.texture.cells())};
      double cloud_pixels = kPriorPixels / 2;
      for (const Sample& sample : samples) {
        const double cloud = cloud_probability(sample);
        spectral[0][sample.spectral] += 1 - cloud;
        spectral[1][sample.spectral] += cloud;
        texture[0][sample.texture] += 1 - cloud;
        texture[1][sample.texture] += cloud;
        cloud_pixels += cloud;
      }
      kind.spectral.estimate(std::move(spectral[0]), std::move(spectral[1]));
      kind.texture.estimate(std::move(texture[0]), std::move(texture[1]));
      kind.cloud_prior = cloud_pixels / (static_cast<double>(samples.size()) + kPriorPixels);
    };
    estimate([](const Sample& sample) { return sample.cloud; });
    for (int step = 0; step < steps; ++step) {
      const std::vector<float> spectral = kind.spectral.log_ratio();
      const std::vector<float> texture = kind.texture.log_ratio();
      const auto prior = static_cast<float>(std::log(kind.cloud_prior / (1 - kind.cloud_prior)));
      estimate([&](const Sample& sample) {
        return probability(prior + spectral[sample.spectral] + texture[sample.texture]);
      });
    }
  }
  return tables;
}

}  // namespace cloudmask
