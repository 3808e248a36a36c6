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

  // The same in three parts, of which the second can be recorded (RecordedWork):

  /// What the next update depends on besides the gradients: the learning rate, and how many steps there were.
  void set_rates(double learning_rate);

  /// One update with the gradients divided by `divisor`, which it then forgets; where `skip` is 1 instead of 0 it
  /// changes nothing. Both fp32 scalars on the parameters' device.
  void update(const torch::Tensor& divisor, const torch::Tensor& skip);

  /// To be called when the update was not skipped.
  void count_step() { ++state_.steps; }

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
  torch::Tensor rate_;                      ///< fp32 scalar
  torch::Tensor corrected_rate_;            ///< fp32 scalar
  std::vector<torch::Tensor> far_in_time_;  ///< numbers of steps for which LibTorch corrects nothing
  State state_;
};

}  // namespace cloudmask
