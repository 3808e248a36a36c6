#pragma once

#include "cloudmask/scene/mask_file.h"
#include "cloudmask/scene/scene.h"

namespace cloudmask {

/// A method that finds the clouds of one scene: a network, threshold tests, ... Safe to call from one thread at a time.
class Screener {
 public:
  virtual ~Screener() = default;

  /// Cloud probability of every pixel; NaN where pixel_missing().
  virtual Mask screen(const Scene& scene) = 0;

  /// For the mask's attributes: method, the file that it works with, threshold. The scene is left empty.
  virtual const MaskOrigin& origin() const = 0;
};

}  // namespace cloudmask
