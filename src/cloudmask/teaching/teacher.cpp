#include "cloudmask/teaching/teacher.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string_view>

#include "cloudmask/base/checksum.h"
#include "cloudmask/base/error.h"
#include "cloudmask/base/random.h"

namespace cloudmask {
namespace {

// By day tables lean to cloud, as the tests do that they were learnt from. In log odds; measured on scenes of known
// truth (docs/unsupervised.md), not learnt.
constexpr float kDayDoubt = 1;

// The quantities are not as independent as Bayes' rule takes them to be: tables make nothing surer than this.
constexpr float kSurest = 4;

template <typename T>
std::uint64_t checksum_of(const T& values) {
  return checksum({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(values[0])});
}

std::uint64_t fingerprint_of(const BayesianTables& tables, const std::optional<LabelOdds>& label_odds) {
  std::uint64_t sum = checksum_of(std::array{kDayDoubt, kSurest});
  for (const KindTables& kind : tables.kinds) {
    sum =
        mix_seed({sum, kind.kind, checksum_of(std::array{kind.cloud_prior}), checksum_of(kind.spectral.clear),
                  checksum_of(kind.spectral.cloud), checksum_of(kind.texture.clear), checksum_of(kind.texture.cloud)});
  }
  if (!label_odds) return sum;
  return mix_seed({sum, checksum_of(label_odds->log_ratio[0]), checksum_of(label_odds->log_ratio[1])});
}

std::vector<float>* histograms_of(KindTables& kind, std::size_t which) {
  return std::array{&kind.spectral.clear, &kind.spectral.cloud, &kind.texture.clear, &kind.texture.cloud}.at(which);
}
constexpr std::size_t kHistograms = 4;

template <typename T>
void append(std::string& bytes, const T* values, std::size_t count = 1) {
  bytes.append(reinterpret_cast<const char*>(values), count * sizeof(T));
}

template <typename T>
void take(std::string_view& bytes, T* values, std::size_t count = 1) {
  CM_CHECK(bytes.size() >= count * sizeof(T));
  std::memcpy(values, bytes.data(), count * sizeof(T));
  bytes.remove_prefix(count * sizeof(T));
}

float probability(float log_odds) { return 1 / (1 + std::exp(-log_odds)); }

}  // namespace

Teacher::Teacher(BayesianTables tables, std::optional<LabelOdds> label_odds)
    : tables_(std::move(tables)),
      lookup_(tables_),
      label_odds_(label_odds),
      fingerprint_(fingerprint_of(tables_, label_odds)) {}

std::string Teacher::to_bytes() const {
  std::string bytes;
  const std::uint8_t has_odds = label_odds_ ? 1 : 0;
  append(bytes, &has_odds);
  if (label_odds_) append(bytes, label_odds_->log_ratio.data(), label_odds_->log_ratio.size());
  for (KindTables kind : tables_.kinds) {
    append(bytes, &kind.kind);
    append(bytes, &kind.cloud_prior);
    for (std::size_t i = 0; i < kHistograms; ++i) {
      const std::vector<float>& histogram = *histograms_of(kind, i);
      append(bytes, histogram.data(), histogram.size());
    }
  }
  return bytes;
}

std::shared_ptr<const Teacher> Teacher::from_bytes(std::string_view bytes) {
  std::uint8_t has_odds = 0;
  take(bytes, &has_odds);
  std::optional<LabelOdds> odds;
  if (has_odds != 0) {
    odds.emplace();
    take(bytes, odds->log_ratio.data(), odds->log_ratio.size());
  }
  const BayesianTables empty = make_empty_tables();
  BayesianTables tables;
  while (!bytes.empty()) {
    std::uint8_t number = 0;
    take(bytes, &number);
    const auto found = std::find_if(empty.kinds.begin(), empty.kinds.end(),
                                    [&](const KindTables& kind) { return kind.kind == number; });
    CM_CHECK(found != empty.kinds.end());
    KindTables& kind = tables.kinds.emplace_back(*found);
    take(bytes, &kind.cloud_prior);
    for (std::size_t i = 0; i < kHistograms; ++i) {
      std::vector<float>& histogram = *histograms_of(kind, i);
      histogram.resize(i < kHistograms / 2 ? kind.spectral.cells() : kind.texture.cells());
      take(bytes, histogram.data(), histogram.size());
    }
  }
  return std::make_shared<const Teacher>(std::move(tables), odds);
}

std::vector<float> Teacher::log_odds(const SceneFeatures& features) const {
  std::vector<float> values(features.pixels());
  const auto width = static_cast<std::size_t>(features.width_px());
  for (std::size_t first = 0; first < values.size(); first += width) {
    lookup_.log_odds(features, first, width, &values[first]);
    for (std::size_t i = first; i < first + width; ++i) values[i] -= features.kinds()[i] == kNight ? 0 : kDayDoubt;
  }
  return values;
}

std::vector<float> Teacher::cloud_probability(const SceneFeatures& features) const {
  std::vector<float> values = log_odds(features);
  for (float& value : values) value = probability(value);
  return values;
}

std::vector<Target> Teacher::targets(const Scene& scene) const {
  SceneFeatures features;
  features.compute(scene, /*threads=*/1);  // scenes are read side by side
  const std::vector<float> odds = log_odds(features);
  std::vector<Target> targets(odds.size());
  for (std::size_t i = 0; i < odds.size(); ++i) {
    float sum = std::isnan(odds[i]) ? odds[i] : std::clamp(odds[i], -kSurest, kSurest);
    if (label_odds_ && scene.label[i] != kUnknown) {
      const std::size_t day = features.kinds()[i] == kNight ? 0 : 1;
      sum += label_odds_->log_ratio[day][scene.label[i] == kCloud ? 1 : 0];
    }
    targets[i] = make_target(probability(sum));
  }
  return targets;
}

}  // namespace cloudmask
