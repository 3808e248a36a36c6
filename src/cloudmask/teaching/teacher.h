#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cloudmask/screening/bayesian_tables.h"
#include "cloudmask/teaching/labeller.h"

namespace cloudmask {

/// What a provider's label says about cloud: ln P(label | cloud) / P(label | clear) for the labels kClear and kCloud,
/// by night [0] and by day [1].
struct LabelOdds {
  std::array<std::array<float, 2>, 2> log_ratio{};
};

/// Teaches by Bayes' rule: the log odds of tables that were learnt without a label, and where LabelOdds are given, as
/// one more independent witness, the label. Pixels of a kind without tables are kUnknown.
class Teacher final : public Labeller {
 public:
  explicit Teacher(BayesianTables tables, std::optional<LabelOdds> label_odds = std::nullopt);

  std::vector<Target> targets(const Scene& scene) const override;
  bool needs_label() const override { return label_odds_.has_value(); }
  std::uint64_t fingerprint() const override { return fingerprint_; }

  /// For the other processes of a run, which are of the same program. The tables must be on the axes of
  /// make_empty_tables().
  std::string to_bytes() const;
  static std::shared_ptr<const Teacher> from_bytes(std::string_view bytes);

  const BayesianTables& tables() const { return tables_; }

  /// [H,W] probability of cloud by the tables alone, NaN where they say nothing.
  std::vector<float> cloud_probability(const SceneFeatures& features) const;

 private:
  std::vector<float> log_odds(const SceneFeatures& features) const;

  BayesianTables tables_;
  BayesianLookup lookup_;
  std::optional<LabelOdds> label_odds_;
  std::uint64_t fingerprint_;
};

}  // namespace cloudmask
