#include "cloudmask/teaching/make_labeller.h"

#include <algorithm>

#include "cloudmask/screening/evidence.h"

namespace cloudmask {
namespace {

/// The evidence of the threshold tests, taken as a probability.
class EvidenceAlone final : public Labeller {
 public:
  std::vector<Target> targets(const Scene& scene) const override {
    SceneFeatures features;
    features.compute(scene, /*threads=*/1);
    const Evidence evidence = weigh_evidence(features, default_threshold_tests(), /*threads=*/1);
    std::vector<Target> targets(scene.pixels());
    std::transform(evidence.cloud.begin(), evidence.cloud.end(), targets.begin(), make_target);
    return targets;
  }
  bool needs_label() const override { return false; }
  std::uint64_t fingerprint() const override { return 1; }
};

}  // namespace

std::string to_string(Supervision supervision) {
  return supervision == Supervision::kLabels ? "labels" : supervision == Supervision::kNone ? "none" : "both";
}

std::shared_ptr<const Labeller> make_labeller(Supervision supervision, const std::vector<std::filesystem::path>&,
                                              const DataOptions&, int) {
  if (supervision == Supervision::kLabels) return std::make_shared<ProvidedLabels>();
  return std::make_shared<EvidenceAlone>();
}

}  // namespace cloudmask
