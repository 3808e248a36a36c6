#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "cloudmask/config/options.h"
#include "cloudmask/data/patch_edit.h"
#include "cloudmask/simulation/cloud_simulator.h"

namespace cloudmask {

/// Lays simulated clouds over a share of the training patches: what is then cloud is known for certain, thin and broken
/// cloud above all, which evidence without labels misses.
class CloudPasting final : public PatchEdit {
 public:
  CloudPasting(std::uint64_t seed, double share, CloudOptics optics = default_cloud_optics())
      : simulator_(seed, std::move(optics)), share_(share) {}

  void apply(std::uint64_t seed, const UnpackedPatch& patch) const override;

 private:
  CloudSimulator simulator_;
  double share_;
};

/// What a configuration wants done to training patches: three in ten are pasted over where labels do not teach alone,
/// else nothing, which is empty. Throws Error for a `cloud_optics` that cannot be used.
std::shared_ptr<const PatchEdit> make_patch_edit(const Config& config);

}  // namespace cloudmask
