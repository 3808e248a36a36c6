#pragma once

#include <torch/torch.h>

#include "cloudmask/tensor/device.h"

namespace cloudmask {

/// The operations the U-Net is made of, differentiable. Tensors are [N,C,H,W] in the computing type; weights and
/// biases are fp32 master weights that each operation casts itself. Faster versions go behind this same table.
struct Operations {
  const char* name;

  /// The network's fixed first layer: [input, tanh(1x1 convolution of input)] over channels, in `type`. input [N,C,H,W]
  /// fp32, weight [F,C,1,1], bias [F]. Not differentiable.
  torch::Tensor (*append_features)(const torch::Tensor& input, const torch::Tensor& weight, const torch::Tensor& bias,
                                   torch::ScalarType type);

  /// ReLU of a "same" 3x3 convolution. weight [out,in,3,3], bias [out].
  torch::Tensor (*conv_relu)(const torch::Tensor& input, const torch::Tensor& weight, const torch::Tensor& bias);

  /// Nearest up-sampling of `low` by 2, concatenation [up, skip] over channels, then conv_relu.
  /// low [N,A,H/2,W/2], skip [N,B,H,W], weight [out,A+B,3,3].
  torch::Tensor (*up_conv_relu)(const torch::Tensor& low, const torch::Tensor& skip, const torch::Tensor& weight,
                                const torch::Tensor& bias);

  /// Maximum over 2x2, stride 2.
  torch::Tensor (*max_pool)(const torch::Tensor& input);

  /// 1x1 convolution to one channel in fp32: the logits, [N,1,H,W]. weight [1,in,1,1].
  torch::Tensor (*head)(const torch::Tensor& input, const torch::Tensor& weight, const torch::Tensor& bias);
};

/// LibTorch's own operations: what every faster version is compared with.
const Operations& plain_operations();

/// Our own kernels (kernels/kernel_set.h) where this processor has some for the tensor's type, LibTorch's operations
/// elsewhere. Up-sampling, concatenation and convolution are one operation that writes neither of the first two; the
/// position of a maximum is found again instead of kept; backward passes start from the saved outputs' signs.
const Operations& kernel_operations();

/// The ones of the two that `target` says.
const Operations& operations_for(const ComputeTarget& target);

}  // namespace cloudmask
