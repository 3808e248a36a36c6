#include "cloudmask/training/loss.h"

#include <gtest/gtest.h>

#include <cmath>

namespace cloudmask {
namespace {

torch::Tensor values(const std::vector<float>& v) {
  return torch::tensor(v).view({1, 1, 1, static_cast<std::int64_t>(v.size())});
}

TEST(Loss, IsTheSumOfCrossEntropiesOfKnownPixels) {
  const auto loss = loss_sum(values({0.5F, -1.0F, 30.0F}), values({1, 0, 0}), values({1, 1, 0}), {});
  EXPECT_NEAR(loss.item<double>(), std::log1p(std::exp(-0.5)) + std::log1p(std::exp(-1.0)), 1e-6);
}

TEST(Loss, UnknownPixelsHaveNoGradient) {
  const auto logits = values({0.5F, -1.0F}).requires_grad_();
  loss_sum(logits, values({1, 1}), values({1, 0}), {}).backward();
  EXPECT_NE(logits.grad()[0][0][0][0].item<double>(), 0);
  EXPECT_EQ(logits.grad()[0][0][0][1].item<double>(), 0);
}

TEST(Loss, WeightedScalesTheCloudTermAlone) {
  TrainingOptions options;
  options.loss = LossKind::kWeightedBce;
  options.positive_weight = 0.25;
  const auto cloud = [&](const TrainingOptions& o) {
    return loss_sum(values({0.3F}), values({1}), values({1}), o).item<double>();
  };
  const auto clear = [&](const TrainingOptions& o) {
    return loss_sum(values({0.3F}), values({0}), values({1}), o).item<double>();
  };
  EXPECT_NEAR(cloud(options), 0.25 * cloud({}), 1e-6);
  EXPECT_NEAR(clear(options), clear({}), 1e-6);
}

TEST(Loss, LabelSmoothingMovesTargetsTowardsAHalf) {
  TrainingOptions options;
  options.label_smoothing = 0.2;
  const double smooth = loss_sum(values({2.0F}), values({1}), values({1}), options).item<double>();
  EXPECT_NEAR(smooth, 0.9 * std::log1p(std::exp(-2.0)) + 0.1 * std::log1p(std::exp(2.0)), 1e-6);
}

}  // namespace
}  // namespace cloudmask
