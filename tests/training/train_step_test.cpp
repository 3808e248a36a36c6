#include "cloudmask/training/train_step.h"

#include <c10/core/CPUAllocator.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace cloudmask {
namespace {

constexpr double kRate = 0.003;

class TrainStepTest : public ::testing::Test {
 protected:
  TrainStepTest() {
    seed_torch(11, true);
    network_ = UNet(ModelOptions{.base_filters = 4, .normalisation = Normalisation::kReference});
    const auto blobs = torch::randn({2, 9, 8, 8}).repeat_interleave(4, 2).repeat_interleave(4, 3);
    batch_.input = blobs.contiguous(torch::MemoryFormat::ChannelsLast);
    batch_.target = (batch_.input.slice(1, 7, 8) < 0).to(torch::kFloat32);  // cold is cloud
    batch_.weight = torch::ones({2, 1, 32, 32});
  }
  SingleProcess alone_;
  ComputeTarget cpu_;
  UNet network_{nullptr};
  Batch batch_;
};

TEST_F(TrainStepTest, LearnsThatColdIsCloud) {
  TrainStep step(network_, cpu_, {}, alone_);
  const BatchSums before = step.evaluate(batch_);
  for (int i = 0; i < 100; ++i) step.train(batch_, kRate);
  const BatchSums after = step.evaluate(batch_);
  EXPECT_LT(after.mean_loss(), 0.6 * before.mean_loss());
  EXPECT_GT(after.accuracy(), 0.85);
  EXPECT_EQ(after.pixels, 2 * 32 * 32);
}

TEST_F(TrainStepTest, EvaluationChangesNothing) {
  TrainStep step(network_, cpu_, {}, alone_);
  const double first = step.evaluate(batch_).loss;
  EXPECT_EQ(step.evaluate(batch_).loss, first);
  EXPECT_EQ(step.optimiser().state().steps, 0);
}

TEST_F(TrainStepTest, LossThatIsNotFiniteLeavesTheWeightsAlone) {
  TrainStep step(network_, cpu_, {}, alone_);
  const auto before = network_->parameters()[0].detach().clone();
  batch_.input[0][0][0][0] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(std::isfinite(step.train(batch_, kRate).loss));
  EXPECT_TRUE(torch::equal(network_->parameters()[0], before));
}

TEST_F(TrainStepTest, BatchWithoutAKnownPixelIsNoStep) {
  TrainStep step(network_, cpu_, {}, alone_);
  batch_.weight.zero_();
  EXPECT_EQ(step.train(batch_, kRate).pixels, 0);
  EXPECT_EQ(step.optimiser().state().steps, 0);
}

TEST_F(TrainStepTest, UnknownPixelsDoNotSteerTheUpdate) {
  batch_.weight.slice(3, 16).zero_();
  const auto train_with = [&](double hidden_target) {
    seed_torch(11, true);
    UNet network(network_->options());
    TrainStep step(network, cpu_, {}, alone_);
    Batch batch = batch_;
    batch.target = batch_.target.clone();
    batch.target.slice(3, 16).fill_(hidden_target);
    step.train(batch, kRate);
    return network->parameters()[4].detach().clone();
  };
  EXPECT_TRUE(torch::equal(train_with(0), train_with(1)));
}

TEST_F(TrainStepTest, PartsOfABatchMakeTheSameStep) {
  batch_.weight.slice(0, 1).slice(3, 8).zero_();  // parts of unequal weight
  const auto train_with = [&](std::int64_t patches_at_once) {
    seed_torch(11, true);
    UNet network(network_->options());
    TrainStep step(network, cpu_, {}, alone_, patches_at_once);
    const BatchSums sums = step.train(batch_, kRate);
    EXPECT_EQ(sums.pixels, 32 * 32 + 8 * 32);
    EXPECT_NEAR(step.evaluate(batch_).loss, TrainStep(network, cpu_, {}, alone_).evaluate(batch_).loss, 1e-3);
    std::vector<torch::Tensor> weights;
    for (const auto& parameter : network->parameters()) weights.push_back(parameter.detach().clone().flatten());
    return std::pair(sums.loss, torch::cat(weights));
  };
  const auto [loss, weights] = train_with(0);
  const auto [loss_of_parts, weights_of_parts] = train_with(1);
  EXPECT_NEAR(loss_of_parts, loss, 1e-6 * loss);
  // Adam's first step is the rate in the gradient's direction, whatever its size: rounding decides where it is nearly
  // 0.
  EXPECT_LT((weights_of_parts - weights).abs().mean().item<double>(), 1e-3 * kRate);
}

// On a GPU: cloudmask bench verify.
TEST_F(TrainStepTest, RecordedStepsAreTheSameSteps) {
  const auto train = [&](bool recorded) {
    seed_torch(11, true);
    UNet network(network_->options());
    TrainingOptions options;
    options.weight_decay = 0.01;
    options.cuda_graph = recorded;
    TrainStep step(network, cpu_, options, alone_);
    std::vector<double> losses;
    for (int i = 0; i < 3; ++i) losses.push_back(step.train(batch_, kRate * (i + 1)).loss);
    Batch half = batch_;
    for (torch::Tensor* tensor : {&half.input, &half.target, &half.weight}) *tensor = tensor->slice(0, 0, 1);
    losses.push_back(step.train(half, kRate).loss);  // an epoch's last batch
    losses.push_back(step.train(batch_, kRate).loss);
    EXPECT_EQ(step.optimiser().state().steps, 5);
    return std::pair(losses, network->parameters()[4].detach().clone());
  };
  const auto [losses, weights] = train(true);
  const auto [plain_losses, plain_weights] = train(false);
  EXPECT_EQ(losses, plain_losses);
  EXPECT_TRUE(torch::equal(weights, plain_weights));
}

TEST_F(TrainStepTest, RecordedStepsLeaveTheWeightsAloneWhereThereIsNothingToLearn) {
  TrainingOptions options;
  options.cuda_graph = true;
  TrainStep step(network_, cpu_, options, alone_);
  const auto before = network_->parameters()[0].detach().clone();
  Batch unknown = batch_;
  unknown.weight = torch::zeros_like(batch_.weight);
  EXPECT_EQ(step.train(unknown, kRate).pixels, 0);
  Batch broken = batch_;
  broken.input = torch::full_like(batch_.input, std::numeric_limits<float>::quiet_NaN());
  EXPECT_FALSE(std::isfinite(step.train(broken, kRate).loss));
  EXPECT_TRUE(torch::equal(network_->parameters()[0], before));
  EXPECT_EQ(step.optimiser().state().steps, 0);
  step.train(batch_, kRate);
  EXPECT_FALSE(torch::equal(network_->parameters()[0], before));
}

// The CPU's allocator while this lives, with no memory for more than `limit_bytes` at a time: a GPU that is full.
class ShortMemory final : public c10::Allocator {
 public:
  explicit ShortMemory(std::size_t limit_bytes) : limit_bytes_(limit_bytes), before_(c10::GetCPUAllocator()) {
    c10::SetCPUAllocator(this, kPriority);
  }
  ~ShortMemory() override { c10::SetCPUAllocator(before_, kPriority); }
  ShortMemory(const ShortMemory&) = delete;
  ShortMemory& operator=(const ShortMemory&) = delete;

  c10::DataPtr allocate(std::size_t bytes) override {
    TORCH_CHECK_WITH(OutOfMemoryError, bytes <= limit_bytes_, "no memory for ", bytes, " bytes");
    largest_bytes_ = std::max(largest_bytes_, bytes);
    return before_->allocate(bytes);
  }
  c10::DeleterFnPtr raw_deleter() const override { return before_->raw_deleter(); }
  void copy_data(void* to, const void* from, std::size_t bytes) const override { before_->copy_data(to, from, bytes); }

  std::size_t largest_bytes() const { return largest_bytes_; }

 private:
  static constexpr std::uint8_t kPriority = 255;
  std::size_t limit_bytes_;
  std::size_t largest_bytes_ = 0;
  c10::Allocator* before_;
};

std::size_t largest_of_evaluation(TrainStep& step, const Batch& batch, std::int64_t patches) {
  const ShortMemory all(std::numeric_limits<std::size_t>::max());
  step.evaluate(
      {batch.input.slice(0, 0, patches), batch.target.slice(0, 0, patches), batch.weight.slice(0, 0, patches)});
  return all.largest_bytes();
}

TEST_F(TrainStepTest, EvaluatesInPartsWhereMemoryIsShort) {
  constexpr std::int64_t kPatches = 64;  // more memory than what the kernels take for themselves
  for (torch::Tensor* const part : {&batch_.input, &batch_.target, &batch_.weight}) {
    *part = part->repeat({kPatches / 2, 1, 1, 1}).contiguous(torch::MemoryFormat::ChannelsLast);
  }
  TrainStep step(network_, cpu_, {}, alone_);
  const BatchSums all = step.evaluate(batch_);
  const std::size_t half_bytes = largest_of_evaluation(step, batch_, kPatches / 2);
  const std::size_t all_bytes = largest_of_evaluation(step, batch_, kPatches);
  ASSERT_LT(half_bytes, all_bytes);
  const ShortMemory little(all_bytes - 1);
  for (int i = 0; i < 2; ++i) {
    const BatchSums of_parts = step.evaluate(batch_);
    EXPECT_NEAR(of_parts.loss, all.loss, 1e-5 * all.loss);
    EXPECT_EQ(of_parts.pixels, all.pixels);
  }
}

TEST_F(TrainStepTest, EvaluationOfOnePatchThatDoesNotFitIsRefused) {
  TrainStep step(network_, cpu_, {}, alone_);
  const ShortMemory little(largest_of_evaluation(step, batch_, 1) - 1);
  EXPECT_THROW(step.evaluate(batch_), c10::OutOfMemoryError);
}

TEST_F(TrainStepTest, StepThatBreaksOffLeavesNoGradientsBehind) {
  const auto weights_after = [&](bool breaks_off) {
    seed_torch(11, true);
    UNet network(network_->options());
    TrainStep step(network, cpu_, {}, alone_);
    if (breaks_off) {
      auto hook = network->parameters()[0].register_hook(
          [](const torch::Tensor&) -> torch::Tensor { throw std::runtime_error("out of memory"); });
      EXPECT_ANY_THROW(step.train(batch_, kRate));
      network->parameters()[0].remove_hook(hook);
      EXPECT_TRUE(network->parameters().back().grad().defined());
    }
    step.train(batch_, kRate);
    return network->parameters()[4].detach().clone();
  };
  EXPECT_TRUE(torch::equal(weights_after(true), weights_after(false)));
}

TEST_F(TrainStepTest, Bf16LearnsLikeFp32) {
  const auto final_loss = [&](Precision precision) {
    seed_torch(11, true);
    UNet network(network_->options());
    ComputeTarget target = cpu_;
    target.precision = precision;
    TrainStep step(network, target, {}, alone_);
    for (int i = 0; i < 20; ++i) step.train(batch_, kRate);
    return step.evaluate(batch_).mean_loss();
  };
  EXPECT_NEAR(final_loss(Precision::kBf16), final_loss(Precision::kFp32), 0.05);
}

}  // namespace
}  // namespace cloudmask
