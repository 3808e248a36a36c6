#include "cloudmask/training/loss.h"

namespace cloudmask {

torch::Tensor loss_sum(const torch::Tensor& logits, const torch::Tensor& target, const torch::Tensor& weight,
                       const TrainingOptions& options) {
  const double e = options.label_smoothing;
  const auto goal = e > 0 ? target * (1 - e) + e / 2 : target;
  const auto cloud_weight = options.loss == LossKind::kWeightedBce
                                ? torch::full({1}, options.positive_weight, logits.options())
                                : torch::Tensor();
  return torch::binary_cross_entropy_with_logits(logits, goal, weight, cloud_weight, at::Reduction::Sum);
}

}  // namespace cloudmask
