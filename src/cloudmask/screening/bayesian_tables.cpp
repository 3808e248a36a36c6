#include "cloudmask/screening/bayesian_tables.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cloudmask {
namespace {

// Bins are narrow where clear and cloudy pixels overlap and wide where there is little doubt.
const TableAxis kColdness = {Feature::kColdness, {0.5F, 1, 1.5F, 2, 3, 4, 6, 9, 13, 20}};
const TableAxis kDayS7S8 = {Feature::kS7MinusS8, {3, 5, 7, 9, 12, 16, 22, 30}};
const TableAxis kS1 = {Feature::kS1, {0.07F, 0.1F, 0.13F, 0.17F, 0.22F, 0.3F, 0.4F, 0.6F}};
const TableAxis kS4 = {Feature::kS4, {0.004F, 0.008F, 0.0125F, 0.02F, 0.035F}};
const TableAxis kNdsi = {Feature::kNdsi, {-0.4F, -0.1F, 0.1F, 0.3F, 0.5F, 0.7F}};
const TableAxis kNightColdness = {Feature::kColdness, {0.5F, 1, 1.5F, 2, 3, 4, 5, 6.5F, 8, 10, 13, 16, 20, 30}};
const TableAxis kNightS7S8 = {Feature::kS7MinusS8,
                              {-3, -2, -1.5F, -1, -0.7F, -0.4F, -0.2F, 0, 0.2F, 0.5F, 1, 1.5F, 2, 3, 5}};
const TableAxis kS8S9 = {Feature::kS8MinusS9, {-1, -0.3F, 0, 0.3F, 0.6F, 1, 1.5F, 2, 3}};
const TableAxis kS8 = {Feature::kS8, {230, 245, 255, 265, 272, 278, 284, 290, 296}};
const TableAxis kStd3 = {Feature::kDeviation3, {0.03F, 0.05F, 0.08F, 0.12F, 0.2F, 0.3F, 0.45F, 0.7F, 1.2F, 2}};
const TableAxis kStd5 = {Feature::kDeviation5, {0.05F, 0.08F, 0.12F, 0.2F, 0.3F, 0.45F, 0.7F, 1.2F, 2}};
const TableAxis kStdS1 = {Feature::kS1Deviation, {0.0015F, 0.003F, 0.005F, 0.008F, 0.013F, 0.02F, 0.035F, 0.06F}};

}  // namespace

BayesianTables make_empty_tables() {
  BayesianTables tables;
  const LikelihoodTable day({kColdness, kDayS7S8, kS1, kS4, kNdsi});
  const LikelihoodTable day_texture({kStd5, kStdS1});
  const LikelihoodTable night({kNightColdness, kS8S9, kNightS7S8, kS8});
  const LikelihoodTable night_texture({kStd3, kStd5});
  tables.kinds = {{"day_sea", kDaySea, 0.5, day, day_texture},
                  {"day_land", kDayLand, 0.5, day, day_texture},
                  {"day_snow", kDaySnow, 0.5, day, day_texture},
                  {"night", kNight, 0.5, night, night_texture}};
  return tables;
}

BayesianLookup::BayesianLookup(const BayesianTables& tables) {
  for (const KindTables& kind : tables.kinds) {
    const double odds = kind.cloud_prior / (1 - kind.cloud_prior);
    kinds_.push_back({&kind, static_cast<float>(std::log(odds)), kind.spectral.log_ratio(), kind.texture.log_ratio()});
  }
}

std::uint8_t BayesianLookup::kinds() const {
  std::uint8_t all = 0;
  for (const Ready& ready : kinds_) all = static_cast<std::uint8_t>(all | ready.tables->kind);
  return all;
}

void BayesianLookup::log_odds(const SceneFeatures& features, std::size_t first, std::size_t columns,
                              float* log_odds) const {
  const std::uint8_t* kinds = features.kinds() + first;
  std::fill_n(log_odds, columns, std::numeric_limits<float>::quiet_NaN());
  std::vector<std::uint32_t> spectral(columns);
  std::vector<std::uint32_t> texture(columns);
  for (const Ready& ready : kinds_) {
    if (std::find(kinds, kinds + columns, ready.tables->kind) == kinds + columns) continue;
    ready.tables->spectral.find_cells(features, first, spectral);
    ready.tables->texture.find_cells(features, first, texture);
    for (std::size_t i = 0; i < columns; ++i) {
      if (kinds[i] != ready.tables->kind) continue;
      log_odds[i] = ready.prior + ready.spectral[spectral[i]] + ready.texture[texture[i]];
    }
  }
}

}  // namespace cloudmask
