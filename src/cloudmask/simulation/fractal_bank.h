#pragma once

#include <cstdint>
#include <vector>

#include "cloudmask/base/random.h"

namespace cloudmask {

/// Fractal fields made once, from which every simulated cloud takes a piece, turned, magnified and moved at random:
/// some hundred times cheaper than new noise for each. Fields are periodic, so a piece has no seam.
class FractalBank {
 public:
  enum class Texture {
    kSmooth,  ///< broad shapes with soft rims: power falls fast with wavenumber
    kRough,   ///< as in turbulent air: octaves fall by 2^-1/3 (a -5/3 spectrum)
    kStreaks  ///< rough, and several times as long as wide
  };

  explicit FractalBank(std::uint64_t seed);

  /// [size_px, size_px] numbers of about mean 0 and standard deviation 1. `magnification` 1: structures from 1 to 64
  /// px.
  std::vector<float> piece(Texture texture, float magnification, int size_px, Random& random) const;

 private:
  std::vector<std::vector<float>> fields_;  ///< kFieldsATexture for each texture
};

}  // namespace cloudmask
