#pragma once

#include <torch/torch.h>

#include <vector>

namespace cloudmask {

/// Adam as Keras has it (keras.optimizers.Adam: beta 0.9 and 0.999, epsilon 1e-7 added to the root of the second moment
/// before its bias correction, that is Kingma and Ba's "epsilon hat"), with decoupled weight decay (Loshchilov and
/// Hutter 2019). State and arithmetic are fp32.
class Adam {
 public:
  Adam(std::vector<torch::Tensor> parameters, double weight_decay);

  /// One update with the parameters' gradients divided by `divisor`, which it then forgets.
  void step(double learning_rate, double divisor = 1);

  void forget_gradients();

  struct State {
    std::vector<torch::Tensor> mean;      ///< first moments, one a parameter
    std::vector<torch::Tensor> variance;  ///< second moments
    std::int64_t steps = 0;
  };
  const State& state() const { return state_; }
  void load_state(const State& state);

 private:
  std::vector<torch::Tensor> parameters_;
  double weight_decay_;
  State state_;
};

}  // namespace cloudmask
