#pragma once

#include <cstddef>
#include <cstdint>

namespace cloudmask {

/// One patch as PackedPatches::unpack gives it.
struct UnpackedPatch {
  int size_px = 0;
  int channels = 0;
  float* input = nullptr;   ///< [P,P,C]
  float* target = nullptr;  ///< [P,P]
  float* weight = nullptr;  ///< [P,P]

  std::size_t pixels() const { return static_cast<std::size_t>(size_px) * static_cast<std::size_t>(size_px); }
};

/// Changes training patches on their way to the network. Safe to call from several threads.
class PatchEdit {
 public:
  virtual ~PatchEdit() = default;

  /// The same seed makes the same change.
  virtual void apply(std::uint64_t seed, const UnpackedPatch& patch) const = 0;
};

}  // namespace cloudmask
