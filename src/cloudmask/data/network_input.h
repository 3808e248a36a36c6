#pragma once

#include <vector>

#include "cloudmask/config/input_scaling.h"
#include "cloudmask/config/options.h"
#include "cloudmask/scene/scene.h"

namespace cloudmask {

/// What the network sees of a scene's pixels: the nine channels, and for Normalisation::kBackground behind them Tref
/// (clear_reference.h) in the scaling of a brightness temperature.
///
/// Missing values: a missing pixel (pixel_missing) is 0 in all channels, like the outside of the scene. In a pixel that
/// has its temperatures a missing reflectance counts as 0, since by night some products write zeros and some fill
/// values; a missing S7 counts as S8, so that their difference says nothing.
class NetworkInput {
 public:
  /// The scene must stay. `threads` 0: as many as there are cores.
  NetworkInput(const Scene& scene, Normalisation normalisation, int threads = 0);

  const Scene& scene() const { return scene_; }
  int channels() const { return channels_; }
  void write(std::size_t pixel, float* channels) const;  ///< channels() numbers

 private:
  const Scene& scene_;
  int channels_;
  std::vector<float> reference_k_;  ///< [H,W]; empty where it is no channel
};

}  // namespace cloudmask
