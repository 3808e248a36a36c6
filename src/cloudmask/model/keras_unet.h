#pragma once

#include <string>
#include <vector>

#include "cloudmask/model/keras_graph.h"
#include "cloudmask/model/model_file.h"

namespace cloudmask {

/// Limits that a file must keep, so that its size is known before memory is asked for.
inline constexpr int kMaxBaseFilters = 512;
inline constexpr int kMaxSpectralFilters = 64;

/// Where the parts of the U-Net are in a Keras model.
struct KerasUNet {
  ModelOptions options;
  int spectral_filters = 0;               ///< 0: no spectral layer
  std::string spectral;                   ///< its layer name
  std::vector<std::string> convolutions;  ///< layer names in the order of unet_layer_names()
};

/// Walks the graph from its input and compares it, layer by layer, with the U-Net. ReLU may be a layer or the
/// convolution's activation. Throws Error naming the first layer that differs, what was found and what was wanted.
KerasUNet match_unet(const KerasGraph& graph);

/// The U-Net as Keras' `model_config`, for inputs [None,None,None,C]. Layers are named as in unet_layer_names(), the
/// spectral one "spectral". Keras 2's form, which Keras 3 reads as well.
std::string unet_config(const ModelContent& content);

}  // namespace cloudmask
