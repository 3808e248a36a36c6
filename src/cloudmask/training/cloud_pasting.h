#pragma once

#include <cstdint>

#include "cloudmask/data/patch_edit.h"
#include "cloudmask/simulation/cloud_simulator.h"

namespace cloudmask {

/// Lays simulated clouds over a share of the training patches: what is then cloud is known for certain, thin and broken
/// cloud above all, which evidence without labels misses.
class CloudPasting final : public PatchEdit {
 public:
  CloudPasting(std::uint64_t seed, double share) : simulator_(seed), share_(share) {}

  void apply(std::uint64_t seed, const UnpackedPatch& patch) const override;

 private:
  CloudSimulator simulator_;
  double share_;
};

}  // namespace cloudmask
