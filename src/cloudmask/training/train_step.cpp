#include "cloudmask/training/train_step.h"

#include <array>
#include <cmath>

#include "cloudmask/base/clock.h"
#include "cloudmask/parallel/gradient_sum.h"
#include "cloudmask/training/loss.h"

namespace cloudmask {

void BatchSums::merge(const BatchSums& other) {
  loss += other.loss;
  correct += other.correct;
  pixels += other.pixels;
}

TrainStep::TrainStep(UNet network, const ComputeTarget& target, const TrainingOptions& options,
                     Communicator& communicator)
    : network_(std::move(network)),
      target_(target),
      options_(options),
      communicator_(communicator),
      optimiser_((network_->to(target.device), network_->parameters()), options.weight_decay) {}

Batch TrainStep::to_device(const Batch& batch) const {
  if (target_.device.is_cpu()) return batch;
  return {batch.input.to(target_.device, true), batch.target.to(target_.device, true),
          batch.weight.to(target_.device, true)};
}

BatchSums TrainStep::reduce(const torch::Tensor& loss, const torch::Tensor& logits, const Batch& batch) {
  torch::NoGradGuard no_grad;
  const auto right = (logits > 0).eq(batch.target > 0.5);
  const auto sums = torch::stack({loss.detach().to(torch::kFloat64), (right * batch.weight).sum(torch::kFloat64),
                                  batch.weight.sum(torch::kFloat64)})
                        .cpu();
  std::array<double, 3> values{};
  std::copy_n(sums.data_ptr<double>(), values.size(), values.begin());
  Stopwatch watch;
  communicator_.all_reduce_sum(std::span(values));
  all_reduce_s_ += watch.elapsed_s();
  return {values[0], values[1], values[2]};
}

BatchSums TrainStep::train(const Batch& batch, double learning_rate) {
  const Batch local = to_device(batch);
  network_->train();
  const auto logits = network_->forward(local.input, compute_type(target_));
  const auto loss = loss_sum(logits, local.target, local.weight, options_);
  const BatchSums sums = reduce(loss, logits, local);
  if (!std::isfinite(sums.loss) || sums.pixels == 0) return sums;

  (loss / sums.pixels).backward();
  Stopwatch watch;
  sum_gradients(network_->parameters(), communicator_);
  all_reduce_s_ += watch.elapsed_s();
  optimiser_.step(learning_rate);
  return sums;
}

BatchSums TrainStep::evaluate(const Batch& batch) {
  torch::NoGradGuard no_grad;
  const Batch local = to_device(batch);
  network_->eval();
  const auto logits = network_->forward(local.input, compute_type(target_));
  return reduce(loss_sum(logits, local.target, local.weight, options_), logits, local);
}

}  // namespace cloudmask
