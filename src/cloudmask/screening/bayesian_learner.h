#pragma once

#include <cstdint>
#include <vector>

#include "cloudmask/screening/bayesian_tables.h"
#include "cloudmask/screening/evidence.h"

namespace cloudmask {

/// A pixel to learn from: its cells in the two tables of its kind, and the evidence for cloud.
struct BayesianSample {
  std::uint32_t spectral = 0;
  std::uint32_t texture = 0;
  float cloud = 0;
};

/// Learns tables from scenes without a label: the threshold tests' evidence says how far each pixel counts as cloud,
/// the tables made from that judge the pixels anew, and the final tables are made from this judgement: one step of
/// expectation-maximisation. (More steps drift away from what the tests named cloud: docs/classical.md.)
class BayesianLearner {
 public:
  BayesianLearner() : tables_(make_empty_tables()), samples_(tables_.kinds.size()) {}

  /// Takes a regular sample of the scene's pixels, kMostPixels at most.
  void add(const SceneFeatures& features, const Evidence& evidence);
  static constexpr std::size_t kMostPixels = 400'000;

  std::size_t pixels() const;

  /// Tables of the kinds of which at least kFewestPixels were added. Throws Error when there is none.
  BayesianTables learn(int steps = kSteps) const;
  static constexpr int kSteps = 1;
  static constexpr std::size_t kFewestPixels = 1000;

 private:
  BayesianTables tables_;                             ///< empty, for their axes
  std::vector<std::vector<BayesianSample>> samples_;  ///< by kind
};

}  // namespace cloudmask
