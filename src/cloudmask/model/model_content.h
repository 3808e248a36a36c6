#pragma once

#include <map>
#include <string>
#include <vector>

#include "cloudmask/config/options.h"

namespace cloudmask {

/// Weights of one convolution, as Keras stores them.
struct ConvWeights {
  int kernel_px = 3;  ///< 3, or 1 for the head and the spectral layer
  int in_channels = 0;
  int out_channels = 0;
  std::vector<float> kernel;  ///< [kernel_px, kernel_px, in, out]
  std::vector<float> bias;    ///< [out]; empty: the layer has none
};

/// Names of the U-Net's convolutions in the order of the forward pass, which is that of ModelContent::convolutions and
/// of the layers in the file: down1_conv1, down1_conv2, ..., down3_conv2, bottom_conv1, bottom_conv2, up3_conv1, ...,
/// up1_conv2, head. 15 in all.
const std::vector<std::string>& unet_layer_names();

/// What a model file holds besides the weights, as attributes of ours. A file of plain Keras has none of it.
struct ModelNotes {
  double threshold = 0.5;
  std::string written_by;                       ///< "cloudmask 0.1.0"; empty: not ours
  std::map<std::string, std::string> training;  ///< free key and value pairs: epochs, test_accuracy, scenes, ...
};

/// A trained U-Net in plain memory: no torch. Input is the nine channels in the reference's scaling (reflectance - 0.5,
/// (brightness temperature - 270 K) / 22 K), with Normalisation::kBackground behind them Tref (clear_reference.h)
/// scaled as a brightness temperature. With that and with kSpectral the network starts with a fixed layer, tanh of a
/// 1x1 convolution (with bias) whose output is concatenated behind the input; it is a layer of the Keras model too, so
/// that the file alone says what the network computes.
struct ModelContent {
  ModelOptions options;
  ConvWeights spectral;                   ///< 1x1, with bias; out_channels 0 for Normalisation::kReference
  std::vector<ConvWeights> convolutions;  ///< 15, see unet_layer_names()
  ModelNotes notes;
};

/// The network's layers, their kernels and biases empty. `spectral_filters` 0: no spectral layer.
ModelContent unet_without_weights(const ModelOptions& options, int spectral_filters);

}  // namespace cloudmask
