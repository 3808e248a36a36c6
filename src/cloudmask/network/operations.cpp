#include "cloudmask/network/operations.h"

namespace cloudmask {
namespace {

using torch::Tensor;

Tensor append_features(const Tensor& input, const Tensor& weight, const Tensor& bias, torch::ScalarType type) {
  const auto precise = input.to(weight.scalar_type());
  return torch::cat({precise, torch::tanh(torch::conv2d(precise, weight, bias))}, 1).to(type);
}

Tensor conv_relu(const Tensor& input, const Tensor& weight, const Tensor& bias) {
  const auto type = input.scalar_type();
  const auto kernel = weight.to(type).contiguous(input.suggest_memory_format());
  return torch::conv2d(input, kernel, bias.to(type), /*stride=*/1, /*padding=*/1).relu_();
}

Tensor up_conv_relu(const Tensor& low, const Tensor& skip, const Tensor& weight, const Tensor& bias) {
  const auto up = torch::upsample_nearest2d(low, {skip.size(2), skip.size(3)});
  return conv_relu(torch::cat({up, skip}, /*dim=*/1), weight, bias);
}

Tensor max_pool(const Tensor& input) { return torch::max_pool2d(input, 2); }

Tensor head(const Tensor& input, const Tensor& weight, const Tensor& bias) {
  return torch::conv2d(input.to(weight.scalar_type()), weight, bias);
}

}  // namespace

const Operations& plain_operations() {
  static constexpr Operations kPlain{"plain", append_features, conv_relu, up_conv_relu, max_pool, head};
  return kPlain;
}

}  // namespace cloudmask
