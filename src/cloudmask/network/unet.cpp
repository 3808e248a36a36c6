#include "cloudmask/network/unet.h"

#include <cmath>
#include <numbers>

#include "cloudmask/base/error.h"

namespace cloudmask {
namespace {

using torch::Tensor;

// Keras' he_normal: variance 2 / fan_in of a normal distribution cut at two standard deviations, whose own standard
// deviation is then 0.8796 of the uncut one (keras.initializers.VarianceScaling).
Tensor he_normal(const std::vector<std::int64_t>& shape) {
  const double fan_in = static_cast<double>(shape[1] * shape[2] * shape[3]);
  const double deviation = std::sqrt(2.0 / fan_in) / 0.87962566103423978;
  // Inverse of the distribution function on an even draw: erf(sqrt(2)) is the share within two deviations.
  const auto even = torch::empty(shape).uniform_(-std::erf(std::numbers::sqrt2), std::erf(std::numbers::sqrt2));
  return torch::erfinv(even) * (std::numbers::sqrt2 * deviation);
}

// Keras stores [height, width, in, out], LibTorch [out, in, height, width].
Tensor kernel_from_keras(const ConvWeights& layer) {
  const auto keras =
      torch::tensor(layer.kernel).view({layer.kernel_px, layer.kernel_px, layer.in_channels, layer.out_channels});
  return keras.permute({3, 2, 0, 1}).contiguous();
}

std::vector<float> to_vector(const Tensor& tensor) {
  const auto flat = tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

ConvWeights to_keras(const Tensor& weight, const Tensor& bias) {
  ConvWeights layer;
  layer.out_channels = static_cast<int>(weight.size(0));
  layer.in_channels = static_cast<int>(weight.size(1));
  layer.kernel_px = static_cast<int>(weight.size(2));
  layer.kernel = to_vector(weight.permute({2, 3, 1, 0}));
  layer.bias = to_vector(bias);
  return layer;
}

}  // namespace

UNetImpl::UNetImpl(const ModelOptions& options, const Operations& operations)
    : UNetImpl(options, make_spectral_layer(options.normalisation), operations) {}

UNetImpl::UNetImpl(const ModelOptions& options, const ConvWeights& spectral, const Operations& operations)
    : options_(options), operations_(operations) {
  int input = input_channels(options.normalisation);
  if (options.normalisation != Normalisation::kReference) {
    spectral_ = {register_buffer("spectral_weight", kernel_from_keras(spectral)),
                 register_buffer("spectral_bias", torch::tensor(spectral.bias))};
    input += spectral.out_channels;
  }
  const int f = options.base_filters;
  for (int level = 1; level <= 8; level *= 2) {  // three levels down and the bottom
    add_conv(level == 1 ? input : f * level / 2, f * level, 3);
    add_conv(f * level, f * level, 3);
  }
  for (int level = 4; level >= 1; level /= 2) {
    add_conv(f * level * 3, f * level, 3);  // up-sampled: f * 2 level, skipped: f * level
    add_conv(f * level, f * level, 3);
  }
  add_conv(f, 1, 1);
}

void UNetImpl::add_conv(int in_channels, int out_channels, int kernel_px) {
  const auto& name = unet_layer_names().at(convs_.size());
  convs_.push_back({register_parameter(name + "_weight", he_normal({out_channels, in_channels, kernel_px, kernel_px})),
                    register_parameter(name + "_bias", torch::zeros({out_channels}))});
}

Tensor UNetImpl::first_layer(const Tensor& input, torch::ScalarType type) const {
  if (!spectral_.weight.defined()) return input.to(type);
  return operations_.append_features(input, spectral_.weight, spectral_.bias, type);
}

Tensor UNetImpl::forward(const Tensor& input, torch::ScalarType type) {
  CM_CHECK(input.dim() == 4 && input.size(1) == input_channels(options_.normalisation));
  CM_CHECK(input.size(2) % kPoolingGrid == 0 && input.size(3) % kPoolingGrid == 0);
  const auto& op = operations_;
  auto next = convs_.begin();
  const auto conv = [&](const Tensor& x) {
    const Conv& c = *next++;
    return op.conv_relu(x, c.weight, c.bias);
  };
  const auto join = [&](const Tensor& low, const Tensor& skip) {
    const Conv& c = *next++;
    return op.up_conv_relu(low, skip, c.weight, c.bias);
  };

  const auto x = first_layer(input, type).contiguous(torch::MemoryFormat::ChannelsLast);
  auto t = conv(x);
  const auto skip1 = conv(t);
  t = conv(op.max_pool(skip1));
  const auto skip2 = conv(t);
  t = conv(op.max_pool(skip2));
  const auto skip3 = conv(t);
  t = conv(op.max_pool(skip3));
  t = conv(t);
  t = conv(join(t, skip3));
  t = conv(join(t, skip2));
  t = conv(join(t, skip1));
  return op.head(t, next->weight, next->bias);
}

ModelContent UNetImpl::content() const {
  ModelContent content;
  content.options = options_;
  if (spectral_.weight.defined()) content.spectral = to_keras(spectral_.weight, spectral_.bias);
  for (const Conv& c : convs_) content.convolutions.push_back(to_keras(c.weight, c.bias));
  return content;
}

void UNetImpl::load_content(const ModelContent& content) {
  torch::NoGradGuard no_grad;
  CM_CHECK(content.options.base_filters == options_.base_filters);
  CM_CHECK(content.options.normalisation == options_.normalisation);
  CM_CHECK(content.convolutions.size() == convs_.size());
  for (std::size_t i = 0; i < convs_.size(); ++i) {
    convs_[i].weight.copy_(kernel_from_keras(content.convolutions[i]));
    convs_[i].bias.copy_(torch::tensor(content.convolutions[i].bias));
  }
}

UNet make_unet(const ModelContent& content, const Operations& operations) {
  UNet network(content.options, content.spectral, operations);
  network->load_content(content);
  network->eval();
  return network;
}

}  // namespace cloudmask
