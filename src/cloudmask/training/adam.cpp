#include "cloudmask/training/adam.h"

#include <cmath>
#include <utility>

#include "cloudmask/base/error.h"

namespace cloudmask {
namespace {

constexpr double kBeta1 = 0.9;
constexpr double kBeta2 = 0.999;
constexpr double kKerasEpsilon = 1e-7;

}  // namespace

Adam::Adam(std::vector<torch::Tensor> parameters, double weight_decay)
    : parameters_(std::move(parameters)), weight_decay_(weight_decay) {
  for (const auto& parameter : parameters_) {
    state_.mean.push_back(torch::zeros_like(parameter));
    state_.variance.push_back(torch::zeros_like(parameter));
  }
}

void Adam::step(double learning_rate, double divisor) {
  torch::NoGradGuard no_grad;
  ++state_.steps;
  std::vector<torch::Tensor> gradients;
  std::vector<torch::Tensor> steps;
  for (const auto& parameter : parameters_) {
    gradients.push_back(parameter.grad());
    steps.push_back(torch::full({}, static_cast<float>(state_.steps), parameter.options().requires_grad(false)));
  }
  // LibTorch adds epsilon after the bias correction of the second moment, Keras before it.
  const auto scale = torch::full({}, divisor, parameters_.front().options().requires_grad(false));
  const double epsilon = kKerasEpsilon / std::sqrt(1 - std::pow(kBeta2, static_cast<double>(state_.steps)));
  at::_fused_adamw_(parameters_, gradients, state_.mean, state_.variance, /*max_exp_avg_sqs=*/{}, steps, learning_rate,
                    kBeta1, kBeta2, weight_decay_, epsilon, /*amsgrad=*/false, /*maximize=*/false, scale);
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
