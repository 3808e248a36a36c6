#include "cloudmask/training/gradient_sum.h"

#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "cloudmask/base/log.h"

namespace cloudmask {

class GradientSum::Hook final : public torch::autograd::PostAccumulateGradHook {
 public:
  Hook(GradientSum& sum, std::size_t parameter) : sum_(sum), parameter_(parameter) {}
  void operator()(const torch::autograd::Variable&) override {
    if (sum_.listening_) sum_.take(parameter_);
  }

 private:
  GradientSum& sum_;
  std::size_t parameter_;
};

GradientSum::GradientSum(std::vector<torch::Tensor> parameters, Communicator& ranks, GradientPrecision sent_as,
                         std::size_t bucket_bytes)
    : parameters_(std::move(parameters)), ranks_(ranks), sent_as_(sent_as) {
  if (ranks_.size() == 1) return;
  device_sum_ = make_device_sum(parameters_.front().device(), ranks_);
  if (device_sum_ && sent_as_ == GradientPrecision::kBf16) {
    if (ranks_.rank() == 0) {
      log_warning("gradient_precision: bf16 is for sums through the host's memory; NCCL sends fp32");
    }
    sent_as_ = GradientPrecision::kFp32;
  }
  std::reverse(parameters_.begin(), parameters_.end());
  std::vector<std::int64_t> sizes;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (buckets_.empty() || static_cast<std::size_t>(sizes.back()) * sizeof(float) >= bucket_bytes) {
      buckets_.emplace_back().first = i;
      sizes.push_back(0);
    }
    buckets_.back().last = i + 1;
    sizes.back() += parameters_[i].numel();
    bucket_of_.push_back(buckets_.size() - 1);
    torch::autograd::impl::set_post_acc_grad_hooks(parameters_[i], std::make_unique<Hook>(*this, i));
  }
  const torch::Device place = device_sum_ ? parameters_.front().device() : torch::Device(torch::kCPU);
  for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i].values = torch::zeros({sizes[i]}, place);
  taken_.resize(parameters_.size());
}

GradientSum::~GradientSum() {
  if (ranks_.size() == 1) return;
  for (const auto& parameter : parameters_) torch::autograd::impl::set_post_acc_grad_hooks(parameter, nullptr);
  // They end: the other ranks start them too, or throw as well, and then the one that had started fewest is free first
  // and ends all.
  for (const Bucket& bucket : buckets_) {
    if (bucket.sum.valid()) bucket.sum.wait();
  }
}

std::size_t GradientSum::bytes() const {
  const std::size_t value_bytes = sent_as_ == GradientPrecision::kBf16 ? 2 : sizeof(float);
  std::size_t sum = 0;
  for (const Bucket& bucket : buckets_) sum += static_cast<std::size_t>(bucket.values.numel()) * value_bytes;
  return sum;
}

// In its bucket, in its shape.
torch::Tensor GradientSum::place_of(std::size_t parameter) const {
  const Bucket& bucket = buckets_[bucket_of_[parameter]];
  std::int64_t before = 0;
  for (std::size_t i = bucket.first; i < parameter; ++i) before += parameters_[i].numel();
  const torch::Tensor& shape = parameters_[parameter];
  return bucket.values.slice(0, before, before + shape.numel()).view(shape.sizes());
}

void GradientSum::take(std::size_t parameter) {
  torch::NoGradGuard no_grad;
  place_of(parameter).copy_(parameters_[parameter].grad());
  taken_[parameter] = true;
  ++buckets_[bucket_of_[parameter]].filled;
  start_full_buckets();
}

void GradientSum::start_full_buckets() {
  for (; started_ < buckets_.size(); ++started_) {
    Bucket& bucket = buckets_[started_];
    if (bucket.filled < bucket.last - bucket.first) return;
    if (device_sum_) {
      device_sum_->start(bucket.values);
    } else {
      const auto values = static_cast<std::size_t>(bucket.values.numel());
      bucket.sum = ranks_.start_sum({bucket.values.mutable_data_ptr<float>(), values}, sent_as_);
    }
  }
}

void GradientSum::finish() {
  if (ranks_.size() == 1) return;
  torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (taken_[i]) continue;
    parameters_[i].mutable_grad() = torch::zeros_like(parameters_[i]);
    take(i);
  }
  if (device_sum_) device_sum_->finish();
  for (Bucket& bucket : buckets_) {
    if (bucket.sum.valid()) bucket.sum.get();
    for (std::size_t i = bucket.first; i < bucket.last; ++i) parameters_[i].mutable_grad().copy_(place_of(i));
    bucket.filled = 0;
  }
  taken_.assign(taken_.size(), false);
  started_ = 0;
}

}  // namespace cloudmask
