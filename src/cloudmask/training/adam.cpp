#include "cloudmask/training/adam.h"

#include <cmath>
#include <limits>
#include <utility>

#include "cloudmask/base/error.h"

namespace cloudmask {
namespace {

constexpr double kBeta1 = 0.9;
constexpr double kBeta2 = 0.999;
constexpr double kKerasEpsilon = 1e-7;

// LibTorch refuses numbers beyond fp32.
void fill(const torch::Tensor& scalar, double value) {
  const bool fits = value <= std::numeric_limits<float>::max();
  scalar.fill_(fits ? value : std::numeric_limits<double>::infinity());
}

}  // namespace

Adam::Adam(std::vector<torch::Tensor> parameters, double weight_decay)
    : parameters_(std::move(parameters)), weight_decay_(weight_decay) {
  for (const auto& parameter : parameters_) {
    state_.mean.push_back(torch::zeros_like(parameter));
    state_.variance.push_back(torch::zeros_like(parameter));
  }
  const auto scalar = parameters_.front().options().requires_grad(false);
  rate_ = torch::zeros({}, scalar);
  corrected_rate_ = torch::zeros({}, scalar);
  far_in_time_.assign(parameters_.size(), torch::full({}, 1e9, scalar));
}

void Adam::step(double learning_rate, double divisor) {
  set_rates(learning_rate);
  update(torch::full_like(rate_, divisor), torch::zeros_like(rate_));
  count_step();
}

// Keras adds epsilon before the bias correction of the second moment, LibTorch after it. So the corrections of both
// moments go into the rate, and LibTorch is told of so many steps that it corrects neither.
void Adam::set_rates(double learning_rate) {
  torch::NoGradGuard no_grad;
  const auto steps = static_cast<double>(state_.steps + 1);
  fill(rate_, learning_rate);
  fill(corrected_rate_, learning_rate * std::sqrt(1 - std::pow(kBeta2, steps)) / (1 - std::pow(kBeta1, steps)));
}

void Adam::update(const torch::Tensor& divisor, const torch::Tensor& skip) {
  torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> gradients;
  gradients.reserve(parameters_.size());
  for (const auto& parameter : parameters_) gradients.push_back(parameter.grad());
  if (weight_decay_ > 0) at::_foreach_mul_(parameters_, 1 - rate_ * weight_decay_ * (1 - skip));
  at::_fused_adam_(parameters_, gradients, state_.mean, state_.variance, /*max_exp_avg_sqs=*/{}, far_in_time_,
                   corrected_rate_, kBeta1, kBeta2, /*weight_decay=*/0, kKerasEpsilon, /*amsgrad=*/false,
                   /*maximize=*/false, divisor, skip);
  forget_gradients();
}

void Adam::forget_gradients() {
  for (const auto& parameter : parameters_) parameter.mutable_grad().reset();
}

void Adam::load_state(const State& state) {
  torch::NoGradGuard no_grad;
  CM_CHECK(state.mean.size() == parameters_.size() && state.variance.size() == parameters_.size());
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    state_.mean[i].copy_(state.mean[i]);
    state_.variance[i].copy_(state.variance[i]);
  }
  state_.steps = state.steps;
}

}  // namespace cloudmask
