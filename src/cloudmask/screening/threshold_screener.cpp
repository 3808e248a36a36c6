#include "cloudmask/screening/threshold_screener.h"

#include <utility>

#include "cloudmask/screening/plausibility.h"

namespace cloudmask {

ThresholdScreener::ThresholdScreener(ThresholdTests tests, const Config& config)
    : tests_(std::move(tests)), threads_(config.machine.threads) {
  origin_.method = "threshold";
  origin_.model = tests_.name;
  origin_.threshold = config.inference.threshold.value_or(0.5);
}

Mask ThresholdScreener::screen(const Scene& scene) {
  features_.compute(scene, threads_);
  const Evidence evidence = weigh_evidence(features_, tests_, threads_);
  warn_of_doubts(scene.name, features_, evidence.cloud.data(), origin_.threshold);
  Mask mask;
  mask.height_px = scene.height_px;
  mask.width_px = scene.width_px;
  mask.cloud_probability.assign(evidence.cloud.begin(), evidence.cloud.end());
  mask.flags.assign(evidence.flags.begin(), evidence.flags.end());
  mask.flag_names = tests_.flag_names();
  return mask;
}

}  // namespace cloudmask
