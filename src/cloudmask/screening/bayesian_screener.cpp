#include "cloudmask/screening/bayesian_screener.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cloudmask/base/checksum.h"
#include "cloudmask/base/files.h"
#include "cloudmask/base/parallel_for.h"
#include "cloudmask/screening/bayesian_tables_file.h"
#include "cloudmask/screening/evidence.h"
#include "cloudmask/screening/plausibility.h"

namespace cloudmask {

BayesianScreener::BayesianScreener(const std::filesystem::path& tables_file, const Config& config)
    : tables_(read_bayesian_tables(tables_file)),
      lookup_(tables_),
      learnt_view_(tables_.view),
      threads_(config.machine.threads) {
  origin_.method = "bayesian";
  origin_.model =
      fmt::format("{} (checksum {:016x})", tables_file.filename().string(), checksum(read_file(tables_file)));
  origin_.threshold = config.inference.threshold.value_or(0.5);
}

Mask BayesianScreener::screen(const Scene& scene) {
  learnt_view_.compare(scene, origin_.model);
  features_.compute(scene, threads_);
  Mask mask;
  mask.height_px = scene.height_px;
  mask.width_px = scene.width_px;
  mask.cloud_probability.resize(scene.pixels());
  const auto width = static_cast<std::size_t>(scene.width_px);
  const auto work = [&](std::size_t row) {
    float* const values = &mask.cloud_probability[row * width];
    lookup_.log_odds(features_, row * width, width, values);
    for (std::size_t i = 0; i < width; ++i) values[i] = 1 / (1 + std::exp(-values[i]));
  };
  parallel_for(static_cast<std::size_t>(scene.height_px), work, threads_);
  judge_unknown_kinds(mask);
  warn_of_doubts(scene.name, features_, mask.cloud_probability.data(), origin_.threshold);
  return mask;
}

void BayesianScreener::judge_unknown_kinds(Mask& mask) const {
  const std::uint8_t known = lookup_.kinds();
  const std::uint8_t* kinds = features_.kinds();
  const auto unknown = [&](std::uint8_t kind) { return kind != kNoPixel && (kind & known) == 0; };
  if (std::none_of(kinds, kinds + features_.pixels(), unknown)) return;
  const Evidence evidence = weigh_evidence(features_, default_threshold_tests(), threads_);
  for (std::size_t i = 0; i < features_.pixels(); ++i) {
    if (unknown(kinds[i])) mask.cloud_probability[i] = evidence.cloud[i];
  }
}

}  // namespace cloudmask
