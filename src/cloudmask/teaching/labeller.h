#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "cloudmask/scene/scene.h"

namespace cloudmask {

/// What a network is to say about a pixel: the probability of cloud in 254ths (0 clear, 254 cloud), or kUnknown: kept
/// out of loss and scores.
using Target = std::uint8_t;
inline constexpr Target kSurelyCloud = 254;

/// Rounded; NaN becomes kUnknown.
inline Target make_target(float cloud_probability) {
  if (std::isnan(cloud_probability)) return kUnknown;
  return static_cast<Target>(std::lround(cloud_probability * kSurelyCloud));
}

/// Teaches the pixels of training scenes. Safe to call from several threads.
class Labeller {
 public:
  virtual ~Labeller() = default;

  /// [H,W]; pixels that are missing need not be kUnknown.
  virtual std::vector<Target> targets(const Scene& scene) const = 0;

  /// False: scenes come without `bayes`, which nobody opens.
  virtual bool needs_label() const = 0;

  /// Another where the targets may be others: part of the key of cached patches and of a checkpoint.
  virtual std::uint64_t fingerprint() const = 0;
};

/// The provider's labels as they stand.
class ProvidedLabels final : public Labeller {
 public:
  std::vector<Target> targets(const Scene& scene) const override;
  bool needs_label() const override { return true; }
  std::uint64_t fingerprint() const override { return 0; }
};

}  // namespace cloudmask
