#pragma once

#include <torch/torch.h>

#include "cloudmask/config/options.h"

namespace cloudmask {

/// Sum over the known pixels of the binary cross entropy of the logits: a differentiable fp32 scalar.
/// LossKind::kWeightedBce multiplies the cloud term by positive_weight (as sciml-bench's weighted_cross_entropy, that
/// is TensorFlow's weighted_cross_entropy_with_logits). Label smoothing e moves the targets to t (1 - e) + e / 2. All
/// tensors [N,1,H,W]; weight is 0 for unknown pixels, else 1.
torch::Tensor loss_sum(const torch::Tensor& logits, const torch::Tensor& target, const torch::Tensor& weight,
                       const TrainingOptions& options);

}  // namespace cloudmask
