#include "cloudmask/training/train_step.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "cloudmask/base/clock.h"
#include "cloudmask/base/log.h"
#include "cloudmask/training/loss.h"

namespace cloudmask {
namespace {

bool usable(const BatchSums& sums) { return std::isfinite(sums.loss) && sums.pixels > 0; }

}  // namespace

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
      evaluated_at_once_(patches_at_once),
      optimiser_((network_->to(target.device), network_->parameters()), options.weight_decay),
      gradients_(network_->parameters(), communicator, options.gradient_precision),
      sums_(torch::zeros({3}, torch::dtype(torch::kFloat64).device(target.device))) {
  if (!options.cuda_graph || communicator.rank() != 0) return;
  if (target.device.is_cuda() && !RecordedWork::built_in()) {
    log_warning("cuda_graph: this build has none of CUDA's headers: steps are not recorded");
  } else if (target.device.is_cuda() && communicator.size() > 1) {
    log_warning("cuda_graph: steps of several processes are not recorded");
  }
}

Batch TrainStep::to_device(const Batch& batch) const {
  if (target_.device.is_cpu()) return batch;
  return {batch.input.to(target_.device, true), batch.target.to(target_.device, true),
          batch.weight.to(target_.device, true)};
}

std::vector<Batch> TrainStep::parts_of(const Batch& batch, std::int64_t patches_at_once) {
  const std::int64_t patches = batch.input.size(0);
  const std::int64_t size = patches_at_once > 0 ? patches_at_once : std::max<std::int64_t>(patches, 1);
  std::vector<Batch> parts;
  for (std::int64_t first = 0; first < patches; first += size) {
    const auto part = [&](const torch::Tensor& all) { return all.slice(0, first, first + size); };
    parts.push_back({part(batch.input), part(batch.target), part(batch.weight)});
  }
  return parts;
}

// The sum of the loss; adds to sums_, without waiting for the device.
torch::Tensor TrainStep::forward(const Batch& batch) {
  const Batch local = to_device(batch);
  const auto logits = network_->forward(local.input, compute_type(target_));
  auto loss = loss_sum(logits, local.target, local.weight, options_);
  torch::NoGradGuard no_grad;
  const auto right = (logits > 0).eq(local.target > 0.5);
  sums_.add_(torch::stack({loss.detach().to(torch::kFloat64), (right * local.weight).sum(torch::kFloat64),
                           local.weight.sum(torch::kFloat64)}));
  return loss;
}

// Of the sum, so that the pixels of the other parts and ranks need not be known yet: Adam divides by them.
void TrainStep::compute_gradients(const Batch& batch) {
  sums_.zero_();
  optimiser_.forget_gradients();  // of a step that broke off
  const std::vector<Batch> parts = parts_of(batch, patches_at_once_);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    gradients_.listen(i + 1 == parts.size());
    forward(parts[i]).backward();
  }
}

// Every batch has its shape but perhaps the last.
bool TrainStep::recordable(const Batch& batch) const {
  return options_.cuda_graph && communicator_.size() == 1 && parts_of(batch, patches_at_once_).size() == 1 &&
         (!recorded_step_ || recorded_batch_.input.sizes() == batch.input.sizes());
}

BatchSums TrainStep::train_recorded(const Batch& batch, double learning_rate) {
  if (!recorded_step_) {
    const auto same = [&](const torch::Tensor& tensor) { return torch::empty_like(tensor, target_.device); };
    recorded_batch_ = {same(batch.input), same(batch.target), same(batch.weight)};
    recorded_step_ = std::make_unique<RecordedWork>(target_.device, [this] {
      compute_gradients(recorded_batch_);
      torch::NoGradGuard no_grad;
      const auto pixels = sums_[2];
      const auto good = torch::isfinite(sums_[0]).logical_and(pixels > 0);
      optimiser_.update(pixels.to(torch::kFloat32), good.logical_not().to(torch::kFloat32));
    });
  }
  recorded_batch_.input.copy_(batch.input, true);
  recorded_batch_.target.copy_(batch.target, true);
  recorded_batch_.weight.copy_(batch.weight, true);
  optimiser_.set_rates(learning_rate);
  recorded_step_->run();
  const BatchSums sums = read_sums();
  if (usable(sums)) optimiser_.count_step();
  return sums;
}

// Waits for the device.
BatchSums TrainStep::read_sums() const {
  const auto sums = sums_.cpu();
  const double* const values = sums.const_data_ptr<double>();
  return {values[0], values[1], values[2]};
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
  if (recordable(batch)) return train_recorded(batch, learning_rate);
  Stopwatch watch;
  compute_gradients(batch);
  BatchSums sums = read_sums();
  const double compute_s = watch.elapsed_s();
  watch.restart();
  gradients_.finish();
  sum_over_ranks(sums, compute_s);
  all_reduce_s_ += watch.elapsed_s();
  if (usable(sums)) {
    optimiser_.step(learning_rate, sums.pixels);
  } else {
    optimiser_.forget_gradients();
  }
  return sums;
}

void TrainStep::evaluate_in_parts(const Batch& batch) {
  while (true) {
    try {
      sums_.zero_();
      for (const Batch& part : parts_of(batch, evaluated_at_once_)) forward(part);
      return;
    } catch (const c10::OutOfMemoryError&) {
      const std::int64_t patches = batch.input.size(0);
      const std::int64_t tried = evaluated_at_once_ > 0 ? std::min(evaluated_at_once_, patches) : patches;
      if (tried <= 1) throw;
      evaluated_at_once_ = (tried + 1) / 2;
    }
    log_warning(fmt::format("memory is short: batches are evaluated {} patches at a time", evaluated_at_once_));
  }
}

BatchSums TrainStep::evaluate(const Batch& batch) {
  torch::NoGradGuard no_grad;
  network_->eval();
  evaluate_in_parts(batch);
  BatchSums sums = read_sums();
  sum_over_ranks(sums);
  return sums;
}

}  // namespace cloudmask
