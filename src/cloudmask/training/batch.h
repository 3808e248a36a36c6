#pragma once

#include <torch/torch.h>

namespace cloudmask {

/// Patches as tensors on the CPU, fp32.
struct Batch {
  torch::Tensor input;   ///< [N,C,P,P], channels last in memory
  torch::Tensor target;  ///< [N,1,P,P], 1 cloud to 0 clear
  torch::Tensor weight;  ///< [N,1,P,P], 0 where target or pixel are unknown
};

}  // namespace cloudmask
