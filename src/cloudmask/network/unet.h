#pragma once

#include <torch/torch.h>

#include <vector>

#include "cloudmask/config/options.h"
#include "cloudmask/model/model_content.h"
#include "cloudmask/model/spectral_layer.h"
#include "cloudmask/network/operations.h"

namespace cloudmask {

/// Side of the pooling grid in pixels: the network pools three times by two.
inline constexpr int kPoolingGrid = 8;

/// No output pixel depends on an input pixel that is further away than this in rows or columns. Two 3x3 convolutions
/// reach 2 pixels of their map: 2 (1 + 2 + 4 + 8 + 4 + 2 + 1) = 44, and rounding to the pooling grid adds up to 7.
inline constexpr int kReceptiveRadius = 51;

/// The U-Net of the reference program (reference.md "Network"; slstr_cloud's model.py): three levels of two 3x3
/// convolutions and a pooling, two convolutions at the bottom, three up-samplings joined with the skipped maps, a 1x1
/// head. Initialised as Keras' he_normal (normal truncated at two standard deviations), biases zero.
class UNetImpl : public torch::nn::Module {
 public:
  /// With the first layer that make_spectral_layer() makes.
  explicit UNetImpl(const ModelOptions& options, const Operations& operations = kernel_operations());
  /// With that of a model file; unused for Normalisation::kReference.
  UNetImpl(const ModelOptions& options, const ConvWeights& spectral, const Operations& operations);

  /// input [N,C,H,W] fp32 as NetworkInput writes it, C input_channels(), H and W multiples of 8 -> logits [N,1,H,W]
  /// fp32; the probability of cloud is their sigmoid. The convolutions run in `type` (fp32, fp64 or bf16).
  torch::Tensor forward(const torch::Tensor& input, torch::ScalarType type = torch::kFloat32);

  const ModelOptions& options() const { return options_; }

  /// Weights to and from plain memory; `content` must have this network's options.
  ModelContent content() const;
  void load_content(const ModelContent& content);

 private:
  struct Conv {
    torch::Tensor weight;
    torch::Tensor bias;
  };
  void add_conv(int in_channels, int out_channels, int kernel_px);
  torch::Tensor first_layer(const torch::Tensor& input, torch::ScalarType type) const;

  ModelOptions options_;
  const Operations& operations_;
  Conv spectral_;            ///< buffers, not trained; undefined without spectral features
  std::vector<Conv> convs_;  ///< in the order of unet_layer_names()
};
TORCH_MODULE(UNet);

/// A network with the weights of a model file, on the CPU, in evaluation mode.
UNet make_unet(const ModelContent& content, const Operations& operations = kernel_operations());

}  // namespace cloudmask
