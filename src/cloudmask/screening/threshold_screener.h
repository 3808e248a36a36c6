#pragma once

#include "cloudmask/config/options.h"
#include "cloudmask/screening/evidence.h"
#include "cloudmask/screening/screener.h"

namespace cloudmask {

/// Published threshold tests as a Screener: the probability is weigh_evidence()'s, and the mask has flags, one bit a
/// test. Uses config.machine.threads and config.inference.threshold (0.5 unless given).
class ThresholdScreener final : public Screener {
 public:
  ThresholdScreener(ThresholdTests tests, const Config& config);

  Mask screen(const Scene& scene) override;
  const MaskOrigin& origin() const override { return origin_; }

 private:
  ThresholdTests tests_;
  int threads_;
  MaskOrigin origin_;
  SceneFeatures features_;  ///< kept for their memory
};

}  // namespace cloudmask
