#include "cloudmask/training/train_step.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "cloudmask/base/clock.h"
#include "cloudmask/training/loss.h"

namespace cloudmask {

void BatchSums::merge(const BatchSums& other) {
  loss += other.loss;
  correct += other.correct;
  pixels += other.pixels;
}

TrainStep::TrainStep(UNet network, const ComputeTarget& target, const TrainingOptions& options,
                     Communicator& communicator, std::int64_t patches_at_once)
    : network_(std::move(network)),
      target_(target),
      options_(options),
      communicator_(communicator),
      patches_at_once_(patches_at_once),
      optimiser_((network_->to(target.device), network_->parameters()), options.weight_decay),
      gradients_(network_->parameters(), communicator, options.gradient_precision) {}

Batch TrainStep::to_device(const Batch& batch) const {
  if (target_.device.is_cpu()) return batch;
  return {batch.input.to(target_.device, true), batch.target.to(target_.device, true),
          batch.weight.to(target_.device, true)};
}

std::vector<Batch> TrainStep::parts_of(const Batch& batch) const {
  const std::int64_t patches = batch.input.size(0);
  const std::int64_t size = patches_at_once_ > 0 ? patches_at_once_ : std::max<std::int64_t>(patches, 1);
  std::vector<Batch> parts;
  for (std::int64_t first = 0; first < patches; first += size) {
    const auto part = [&](const torch::Tensor& all) { return all.slice(0, first, first + size); };
    parts.push_back({part(batch.input), part(batch.target), part(batch.weight)});
  }
  return parts;
}

// The sum of the loss; adds to the sums.
torch::Tensor TrainStep::forward(const Batch& batch, BatchSums& own) {
  const Batch local = to_device(batch);
  const auto logits = network_->forward(local.input, compute_type(target_));
  auto loss = loss_sum(logits, local.target, local.weight, options_);
  torch::NoGradGuard no_grad;
  const auto right = (logits > 0).eq(local.target > 0.5);
  const auto sums = torch::stack({loss.detach().to(torch::kFloat64), (right * local.weight).sum(torch::kFloat64),
                                  local.weight.sum(torch::kFloat64)})
                        .cpu();
  const double* const values = sums.data_ptr<double>();
  own.merge({values[0], values[1], values[2]});
  return loss;
}

void TrainStep::sum_over_ranks(BatchSums& sums) {
  std::array<double, 3> values = {sums.loss, sums.correct, sums.pixels};
  communicator_.all_reduce_sum(values);
  sums = {values[0], values[1], values[2]};
}

// In the same message, how far apart the ranks were.
void TrainStep::sum_over_ranks(BatchSums& sums, double compute_s) {
  std::array<double, 5> values = {sums.loss, sums.correct, sums.pixels, compute_s, compute_s * compute_s};
  communicator_.all_reduce_sum(values);
  sums = {values[0], values[1], values[2]};
  const double ranks = communicator_.size();
  compute_variance_s2_ = ranks > 1 ? std::max(0.0, values[4] - values[3] * values[3] / ranks) / (ranks - 1)
                                   : std::numeric_limits<double>::quiet_NaN();
}

BatchSums TrainStep::train(const Batch& batch, double learning_rate) {
  network_->train();
  BatchSums sums;
  Stopwatch watch;
  const std::vector<Batch> parts = parts_of(batch);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    gradients_.listen(i + 1 == parts.size());
    // Of the sum, so that the pixels of the other parts and ranks need not be known yet: Adam divides by them.
    forward(parts[i], sums).backward();
  }
  const double compute_s = watch.elapsed_s();
  watch.restart();
  gradients_.finish();
  sum_over_ranks(sums, compute_s);
  all_reduce_s_ += watch.elapsed_s();
  if (std::isfinite(sums.loss) && sums.pixels > 0) {
    optimiser_.step(learning_rate, sums.pixels);
  } else {
    optimiser_.forget_gradients();
  }
  return sums;
}

BatchSums TrainStep::evaluate(const Batch& batch) {
  torch::NoGradGuard no_grad;
  network_->eval();
  BatchSums sums;
  for (const Batch& part : parts_of(batch)) forward(part, sums);
  sum_over_ranks(sums);
  return sums;
}

}  // namespace cloudmask
