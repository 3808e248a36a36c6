#include <c10/core/CPUAllocator.h>

#include <memory_resource>
#include <sstream>

#include "cloudmask/kernels/convolution.h"
#include "cloudmask/kernels/find_kernels.h"
#include "cloudmask/kernels/weight_gradient.h"
#include "cloudmask/network/operations.h"
#include "cloudmask/tensor/part_timer.h"

namespace cloudmask {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

constexpr auto kChannelsLast = torch::MemoryFormat::ChannelsLast;

// nullptr where LibTorch's own operations are to be used.
const KernelSet* kernels_for(const Tensor& input) {
  if (!input.device().is_cpu()) return nullptr;
  if (input.scalar_type() == torch::kFloat32) return find_kernels(Element::kFloat32);
  if (input.scalar_type() == torch::kBFloat16) return find_kernels(Element::kBFloat16);
  return nullptr;
}

// The memory of tensors: kept for the next step when the caching allocator is there.
class TensorMemory final : public std::pmr::memory_resource {
  // c10 aligns to cache lines.
  void* do_allocate(std::size_t bytes, std::size_t) override { return c10::GetCPUAllocator()->raw_allocate(bytes); }
  void do_deallocate(void* memory, std::size_t, std::size_t) override {
    c10::GetCPUAllocator()->raw_deallocate(memory);
  }
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override { return this == &other; }
};

Workers torch_workers() {
  static TensorMemory memory;
  const int count = torch::get_num_threads();
  return {count,
          [count](const std::function<void(int)>& work) {
            at::parallel_for(0, count, 1, [&](std::int64_t begin, std::int64_t end) {
              for (std::int64_t i = begin; i < end; ++i) work(static_cast<int>(i));
            });
          },
          &memory};
}

int size_of(const Tensor& tensor, int dimension) { return static_cast<int>(tensor.size(dimension)); }

// `tensor` (and `gate`) must be contiguous in channels-last order and outlive the result.
Maps maps_of(const Tensor& tensor, const Tensor& gate = {}) {
  return {tensor.const_data_ptr(), gate.defined() ? gate.const_data_ptr() : nullptr,
          size_of(tensor, 0),      size_of(tensor, 2),
          size_of(tensor, 3),      size_of(tensor, 1)};
}

Tensor empty_maps(const Tensor& like, std::int64_t channels, std::int64_t height, std::int64_t width) {
  return torch::empty({like.size(0), channels, height, width}, like.options().memory_format(kChannelsLast));
}

// For PartTimer: what a convolution's part is called and costs.
PartScope convolution_part(const char* what, const std::vector<Maps>& inputs, const std::vector<TileKind>& kinds,
                           int out_channels) {
  double flop = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) flop += flop_of(inputs[i], kinds[i], out_channels);
  return {[&] {
            std::ostringstream name;
            name << what << ' ' << inputs[0].channels;
            if (inputs.size() > 1) name << '+' << inputs[1].channels;
            name << " > " << out_channels << ", " << inputs.back().width << " px";
            return name.str();
          },
          flop};
}

PartScope plain_part(const char* name) {
  return {[name] { return std::string(name); }, 0};
}

// OIHW to [3][3][in][out], as the kernels take weights.
Tensor by_tap(const Tensor& weight) { return weight.permute({2, 3, 1, 0}).contiguous(); }

// As by_tap, for the gradient with respect to the input: turned by half a circle, channels exchanged.
Tensor turned_by_tap(const Tensor& weight) { return weight.flip({2, 3}).permute({2, 3, 0, 1}).contiguous(); }

struct LayerInput {
  Maps maps;
  TileKind kind;
  Tensor weights;  // [3][3][in][out]
};

void run(const KernelSet& kernels, const char* what, const std::vector<LayerInput>& layer, ConvolutionOutput to,
         const Tensor& output) {
  std::vector<Maps> maps;
  std::vector<TileKind> kinds;
  std::vector<InputWeights> weights;
  for (const LayerInput& input : layer) {
    maps.push_back(input.maps);
    kinds.push_back(input.kind);
    weights.push_back({input.weights.const_data_ptr<float>(), input.maps.channels, input.kind});
  }
  const PartScope part = convolution_part(what, maps, kinds, size_of(output, 1));
  const Workers workers = torch_workers();
  to.maps = output.mutable_data_ptr();
  convolve(kernels, maps, WinogradWeights(kernels, weights, size_of(output, 1), workers), to, workers);
}

// The layer with bias and ReLU.
Tensor forward_layer(const KernelSet& kernels, const std::vector<LayerInput>& layer, const Tensor& any_bias,
                     const Tensor& output) {
  const Tensor bias = any_bias.contiguous();
  ConvolutionOutput to;
  to.bias = bias.const_data_ptr<float>();
  to.relu = true;
  run(kernels, "forward", layer, to, output);
  return output;
}

// Gradient of a layer with respect to `input`, through the ReLU behind it. An input half as large as the output was
// up-sampled.
Tensor input_gradient(const KernelSet& kernels, const Tensor& gradient, const Tensor& output, const Tensor& weight,
                      const Tensor& input) {
  ConvolutionOutput to;
  to.paired = input.size(2) != output.size(2);
  const auto kind = to.paired ? TileKind::kPairedInput : TileKind::kInput;
  auto result = empty_maps(gradient, input.size(1), input.size(2), input.size(3));
  run(kernels, "input gradient", {{maps_of(gradient, output), kind, turned_by_tap(weight)}}, to, result);
  return result;
}

Tensor tensor_of(const std::vector<float>& values, at::IntArrayRef shape) {
  return torch::from_blob(const_cast<float*>(values.data()), shape).clone();
}

struct ParameterGradients {
  Tensor weight;  // OIHW
  Tensor bias;
};

ParameterGradients parameter_gradients(const KernelSet& kernels, const Tensor& input, const Tensor& gradient,
                                       const Tensor& output) {
  const auto kind = input.size(2) != output.size(2) ? TileKind::kUpsampled : TileKind::kInput;
  const Maps maps = maps_of(input);
  const PartScope part = convolution_part("weight gradient", {maps}, {kind}, size_of(gradient, 1));
  const auto sums = weight_gradients(kernels, maps, kind, maps_of(gradient, output), torch_workers());
  const auto weight = tensor_of(sums.weights, {3, 3, input.size(1), gradient.size(1)});
  return {weight.permute({3, 2, 0, 1}).contiguous(), tensor_of(sums.bias, {gradient.size(1)})};
}

class ConvRelu : public Function<ConvRelu> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& any_input, const Tensor& weight, const Tensor& bias) {
    const KernelSet& kernels = *kernels_for(any_input);
    const auto input = any_input.contiguous(kChannelsLast);
    auto output = forward_layer(kernels, {{maps_of(input), TileKind::kInput, by_tap(weight)}}, bias,
                                empty_maps(input, weight.size(0), input.size(2), input.size(3)));
    context->save_for_backward({input, weight, output});
    return output;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const KernelSet& kernels = *kernels_for(saved[0]);
    const auto gradient = gradients[0].contiguous(kChannelsLast);
    const auto parameters = parameter_gradients(kernels, saved[0], gradient, saved[2]);
    Tensor to_input;
    if (context->needs_input_grad(0)) to_input = input_gradient(kernels, gradient, saved[2], saved[1], saved[0]);
    return {to_input, parameters.weight, parameters.bias};
  }
};

// Neither the up-sampled map nor the concatenated one is ever there.
class UpConvRelu : public Function<UpConvRelu> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& any_low, const Tensor& any_skip, const Tensor& weight,
                        const Tensor& bias) {
    const KernelSet& kernels = *kernels_for(any_low);
    const auto low = any_low.contiguous(kChannelsLast);
    const auto skip = any_skip.contiguous(kChannelsLast);
    const auto [of_low, of_skip] = split(weight, low);
    auto output = forward_layer(
        kernels,
        {{maps_of(low), TileKind::kUpsampled, by_tap(of_low)}, {maps_of(skip), TileKind::kInput, by_tap(of_skip)}},
        bias, empty_maps(low, weight.size(0), skip.size(2), skip.size(3)));
    context->save_for_backward({low, skip, weight, output});
    return output;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor& low = saved[0];
    const Tensor& skip = saved[1];
    const Tensor& output = saved[3];
    const KernelSet& kernels = *kernels_for(low);
    const auto gradient = gradients[0].contiguous(kChannelsLast);
    const auto [low_weight, skip_weight] = split(saved[2], low);
    const auto of_low = parameter_gradients(kernels, low, gradient, output);
    const auto of_skip = parameter_gradients(kernels, skip, gradient, output);
    Tensor to_low;
    Tensor to_skip;
    if (context->needs_input_grad(0)) to_low = input_gradient(kernels, gradient, output, low_weight, low);
    if (context->needs_input_grad(1)) to_skip = input_gradient(kernels, gradient, output, skip_weight, skip);
    return {to_low, to_skip, torch::cat({of_low.weight, of_skip.weight}, 1), of_skip.bias};
  }

 private:
  // The weights for the channels of low, and the others.
  static std::pair<Tensor, Tensor> split(const Tensor& weight, const Tensor& low) {
    return {weight.narrow(1, 0, low.size(1)), weight.narrow(1, low.size(1), weight.size(1) - low.size(1))};
  }
};

// Calls work(PoolRow, index of the pooled row, byte offsets of the two rows) for all rows of all images.
template <typename Work>
void for_pooled_rows(const KernelSet& kernels, const Tensor& input, const Work& work) {
  const std::int64_t rows = input.size(0) * (input.size(2) / 2);
  const std::int64_t row_bytes = input.size(3) * input.size(1) * kernels.element_bytes();
  at::parallel_for(0, rows, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const auto* upper = static_cast<const char*>(input.const_data_ptr()) + 2 * row * row_bytes;
      work(PoolRow{upper, upper + row_bytes, size_of(input, 3) / 2, size_of(input, 1)}, row, row_bytes);
    }
  });
}

class MaxPool : public Function<MaxPool> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& any_input) {
    const KernelSet& kernels = *kernels_for(any_input);
    const auto input = any_input.contiguous(kChannelsLast);
    auto output = empty_maps(input, input.size(1), input.size(2) / 2, input.size(3) / 2);
    auto* const to = static_cast<char*>(output.mutable_data_ptr());
    const PartScope part = plain_part("pooling");
    for_pooled_rows(kernels, input, [&](const PoolRow& pool, std::int64_t row, std::int64_t row_bytes) {
      kernels.pool(pool, to + row * row_bytes / 2);
    });
    context->save_for_backward({input});
    return output;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto input = context->get_saved_variables()[0];
    const KernelSet& kernels = *kernels_for(input);
    const auto gradient = gradients[0].contiguous(kChannelsLast);
    const auto result = torch::empty_like(input);
    const auto* const from = static_cast<const char*>(gradient.const_data_ptr());
    auto* const to = static_cast<char*>(result.mutable_data_ptr());
    const PartScope part = plain_part("pooling's gradient");
    for_pooled_rows(kernels, input, [&](const PoolRow& pool, std::int64_t row, std::int64_t row_bytes) {
      char* const upper = to + 2 * row * row_bytes;
      kernels.pool_gradient(pool, from + row * row_bytes / 2, upper, upper + row_bytes);
    });
    return {result};
  }
};

class Head : public Function<Head> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& any_input, const Tensor& weight, const Tensor& bias) {
    const KernelSet& kernels = *kernels_for(any_input);
    const auto input = any_input.contiguous(kChannelsLast);
    auto logits = torch::empty({input.size(0), 1, input.size(2), input.size(3)}, torch::kFloat32);
    const auto weights = weight.contiguous();
    const float offset = bias.item<float>();
    const PartScope part = plain_part("head");
    for_pixels(kernels, input, [&](const char* pixels, std::int64_t begin, std::int64_t end) {
      kernels.head(pixels, end - begin, size_of(input, 1), weights.const_data_ptr<float>(), offset,
                   logits.mutable_data_ptr<float>() + begin);
    });
    context->save_for_backward({input, weights});
    return logits;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor& input = saved[0];
    const Tensor& weight = saved[1];
    const KernelSet& kernels = *kernels_for(input);
    const auto gradient = gradients[0].contiguous();
    const auto to_input = torch::empty_like(input);
    // One row a part, summed in order: the same number of threads gives the same bits.
    const auto parts = torch::zeros({torch::get_num_threads(), input.size(1)});
    auto* const to = static_cast<char*>(to_input.mutable_data_ptr());
    const std::int64_t pixels = gradient.numel();
    const PartScope scope = plain_part("head's gradient");
    at::parallel_for(0, parts.size(0), 1, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t part = first; part < last; ++part) {
        const std::int64_t begin = pixels * part / parts.size(0);
        const std::int64_t end = pixels * (part + 1) / parts.size(0);
        const std::int64_t offset_bytes = begin * input.size(1) * kernels.element_bytes();
        kernels.head_gradient(static_cast<const char*>(input.const_data_ptr()) + offset_bytes,
                              gradient.const_data_ptr<float>() + begin, end - begin, size_of(input, 1),
                              weight.const_data_ptr<float>(), to + offset_bytes,
                              parts.mutable_data_ptr<float>() + part * input.size(1));
      }
    });
    return {to_input, parts.sum(0).view_as(weight), gradient.sum().view({1})};
  }

 private:
  template <typename Work>
  static void for_pixels(const KernelSet& kernels, const Tensor& input, const Work& work) {
    const std::int64_t pixel_bytes = input.size(1) * kernels.element_bytes();
    const auto* const values = static_cast<const char*>(input.const_data_ptr());
    at::parallel_for(0, input.numel() / input.size(1), 4096,
                     [&](std::int64_t begin, std::int64_t end) { work(values + begin * pixel_bytes, begin, end); });
  }
};

// Not for an input whose gradient is wanted.
Tensor append_features(const Tensor& input, const Tensor& weight, const Tensor& bias, torch::ScalarType type) {
  const bool narrow = type == torch::kBFloat16;
  const KernelSet* kernels = find_kernels(narrow ? Element::kBFloat16 : Element::kFloat32);
  const bool fits = input.device().is_cpu() && input.scalar_type() == torch::kFloat32 && !input.requires_grad() &&
                    (narrow || type == torch::kFloat32);
  if (!fits || kernels == nullptr) return plain_operations().append_features(input, weight, bias, type);
  const auto pixels = input.contiguous(kChannelsLast);
  const auto by_channel = weight.view({weight.size(0), weight.size(1)}).t().to(torch::kFloat32).contiguous();
  const auto offsets = bias.to(torch::kFloat32).contiguous();
  const FeatureWeights features{size_of(weight, 1), size_of(weight, 0), by_channel.const_data_ptr<float>(),
                                offsets.const_data_ptr<float>()};
  const std::int64_t width = features.channels + features.features;
  const PartScope part = plain_part("first layer");
  auto output = torch::empty({input.size(0), width, input.size(2), input.size(3)},
                             torch::dtype(type).memory_format(kChannelsLast));
  at::parallel_for(0, input.numel() / input.size(1), 4096, [&](std::int64_t begin, std::int64_t end) {
    kernels->append_features(pixels.const_data_ptr<float>() + begin * features.channels, end - begin, features,
                             static_cast<char*>(output.mutable_data_ptr()) + begin * width * kernels->element_bytes());
  });
  return output;
}

Tensor conv_relu(const Tensor& input, const Tensor& weight, const Tensor& bias) {
  if (kernels_for(input) == nullptr) return plain_operations().conv_relu(input, weight, bias);
  return ConvRelu::apply(input, weight, bias);
}

Tensor up_conv_relu(const Tensor& low, const Tensor& skip, const Tensor& weight, const Tensor& bias) {
  const bool doubled = skip.size(2) == 2 * low.size(2) && skip.size(3) == 2 * low.size(3);
  if (kernels_for(low) == nullptr || !doubled) return plain_operations().up_conv_relu(low, skip, weight, bias);
  return UpConvRelu::apply(low, skip, weight, bias);
}

Tensor max_pool(const Tensor& input) {
  const bool even = input.size(2) % 2 == 0 && input.size(3) % 2 == 0;
  if (kernels_for(input) == nullptr || !even) return plain_operations().max_pool(input);
  return MaxPool::apply(input);
}

Tensor head(const Tensor& input, const Tensor& weight, const Tensor& bias) {
  if (kernels_for(input) == nullptr) return plain_operations().head(input, weight, bias);
  return Head::apply(input, weight, bias);
}

}  // namespace

const Operations& kernel_operations() {
  static constexpr Operations kKernels{"kernels", append_features, conv_relu, up_conv_relu, max_pool, head};
  return kKernels;
}

const Operations& operations_for(const ComputeTarget& target) {
  return target.own_kernels ? kernel_operations() : plain_operations();
}

}  // namespace cloudmask
