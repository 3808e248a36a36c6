#pragma once

#include <filesystem>

#include "cloudmask/config/options.h"
#include "cloudmask/screening/bayesian_tables.h"
#include "cloudmask/screening/learnt_view.h"
#include "cloudmask/screening/screener.h"

namespace cloudmask {

/// Bayes' rule over tables of likelihoods as a Screener (bayesian_tables.h). Pixels of a kind without tables, such as
/// those of a night scene when tables were learnt by day, are judged by the threshold tests compiled in. Uses
/// config.machine.threads and config.inference.threshold (0.5 unless given). Warns once of scenes of another view than
/// that of the tables.
class BayesianScreener final : public Screener {
 public:
  /// Throws Error when the file cannot be read.
  BayesianScreener(const std::filesystem::path& tables_file, const Config& config);

  Mask screen(const Scene& scene) override;
  const MaskOrigin& origin() const override { return origin_; }

 private:
  void judge_unknown_kinds(Mask& mask) const;

  BayesianTables tables_;
  BayesianLookup lookup_;
  LearntView learnt_view_;
  int threads_;
  MaskOrigin origin_;
  SceneFeatures features_;  ///< kept for their memory
};

}  // namespace cloudmask
