#include "cloudmask/parallel/gradient_sum.h"

#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace cloudmask {
namespace {

std::size_t count(const torch::Tensor& tensor) { return static_cast<std::size_t>(tensor.numel()); }

torch::Tensor as_tensor(float* values, const torch::Tensor& shape) {
  return torch::from_blob(values, shape.sizes(), torch::kFloat32);
}

}  // namespace

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
  std::reverse(parameters_.begin(), parameters_.end());
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (buckets_.empty() || buckets_.back().values.size() * sizeof(float) >= bucket_bytes) {
      buckets_.emplace_back().first = i;
    }
    Bucket& bucket = buckets_.back();
    bucket.last = i + 1;
    bucket.values.resize(bucket.values.size() + count(parameters_[i]));
    bucket_of_.push_back(buckets_.size() - 1);
    torch::autograd::impl::set_post_acc_grad_hooks(parameters_[i], std::make_unique<Hook>(*this, i));
  }
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
  for (const Bucket& bucket : buckets_) sum += bucket.values.size() * value_bytes;
  return sum;
}

std::size_t GradientSum::offset(const Bucket& bucket, std::size_t parameter) const {
  std::size_t values = 0;
  for (std::size_t i = bucket.first; i < parameter; ++i) values += count(parameters_[i]);
  return values;
}

void GradientSum::take(std::size_t parameter) {
  torch::NoGradGuard no_grad;
  Bucket& bucket = buckets_[bucket_of_[parameter]];
  as_tensor(bucket.values.data() + offset(bucket, parameter), parameters_[parameter])
      .copy_(parameters_[parameter].grad());
  taken_[parameter] = true;
  ++bucket.filled;
  start_full_buckets();
}

void GradientSum::start_full_buckets() {
  for (; started_ < buckets_.size(); ++started_) {
    Bucket& bucket = buckets_[started_];
    if (bucket.filled < bucket.last - bucket.first) return;
    bucket.sum = ranks_.start_sum(bucket.values, sent_as_);
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
  for (Bucket& bucket : buckets_) {
    bucket.sum.get();
    for (std::size_t i = bucket.first; i < bucket.last; ++i) {
      parameters_[i].mutable_grad().copy_(as_tensor(bucket.values.data() + offset(bucket, i), parameters_[i]));
    }
    bucket.filled = 0;
  }
  taken_.assign(taken_.size(), false);
  started_ = 0;
}

}  // namespace cloudmask
