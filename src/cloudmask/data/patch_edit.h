#pragma once

#include <cstdint>

namespace cloudmask {

/// Changes training patches on their way to the network. Safe to call from several threads.
class PatchEdit {
 public:
  virtual ~PatchEdit() = default;

  /// One patch as PackedPatches::unpack gives it: input [P,P,9], target and weight [P,P]. The same seed makes the same
  /// change.
  virtual void apply(std::uint64_t seed, int patch_size_px, float* input, float* target, float* weight) const = 0;
};

}  // namespace cloudmask
