#include <sstream>

#include "cloudmask/kernels/convolution.h"
#include "cloudmask/kernels/find_kernels.h"
#include "cloudmask/kernels/weight_gradient.h"
#include "cloudmask/model/operations.h"
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

Workers torch_workers() {
  const int count = torch::get_num_threads();
  return {count, [count](const std::function<void(int)>& work) {
            at::parallel_for(0, count, 1, [&](std::int64_t begin, std::int64_t end) {
              for (std::int64_t i = begin; i < end; ++i) work(static_cast<int>(i));
            });
          }};
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

// Pointers to the [in][out] matrices of a contiguous tensor [..., in, out].
std::vector<const float*> matrices(const Tensor& weights) {
  std::vector<const float*> pointers;
  const std::int64_t size = weights.size(-1) * weights.size(-2);
  for (std::int64_t i = 0; i < weights.numel() / size; ++i)
    pointers.push_back(weights.const_data_ptr<float>() + i * size);
  return pointers;
}

// For PartTimer: what a convolution's part is called and costs.
PartScope convolution_part(const char* what, const ConvolutionPlan& plan, const Maps& first) {
  return {[&] {
            const int size_px = first.width / plan.inputs[0].step * plan.out_step;
            std::ostringstream name;
            name << what << ' ' << plan.inputs[0].channels;
            if (plan.inputs.size() > 1) name << '+' << plan.inputs[1].channels;
            name << " > " << plan.out_channels << ", " << size_px << " px";
            return name.str();
          },
          flop_of(plan, first)};
}

PartScope plain_part(const char* name) {
  return {[name] { return std::string(name); }, 0};
}

WeightGradients gradients_of_weights(const KernelSet& kernels, const ConvolutionPlan& plan, const Maps& input,
                                     const Maps& gradient) {
  const PartScope part = convolution_part("weight gradient", plan, input);
  return weight_gradients(kernels, plan, input, gradient, torch_workers());
}

Tensor run(const KernelSet& kernels, const char* what, const ConvolutionPlan& plan,
           const std::vector<std::vector<const float*>>& weights, std::vector<Maps> inputs, Tensor output,
           const Tensor& bias = {}) {
  const PartScope part = convolution_part(what, plan, inputs.front());
  const Workers workers = torch_workers();
  ConvolutionCall call;
  call.inputs = std::move(inputs);
  if (bias.defined()) call.bias = bias.const_data_ptr<float>();
  call.relu = bias.defined();
  call.output = output.mutable_data_ptr();
  convolve(kernels, plan, PackedWeights(kernels, plan, weights, workers), call, workers);
  return output;
}

// Gradient of a "same" 3x3 convolution with respect to its input, through the ReLU behind it.
Tensor input_gradient(const KernelSet& kernels, const Tensor& gradient, const Tensor& output, const Tensor& weight) {
  const auto turned = weight.flip({2, 3}).permute({2, 3, 0, 1}).contiguous();
  const auto plan = plan_convolution(size_of(weight, 0), size_of(weight, 1));
  return run(kernels, "input gradient", plan, {matrices(turned)}, {maps_of(gradient, output)},
             empty_maps(gradient, weight.size(1), gradient.size(2), gradient.size(3)));
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
  const auto plan = plan_convolution(size_of(input, 1), size_of(gradient, 1));
  const auto sums = gradients_of_weights(kernels, plan, maps_of(input), maps_of(gradient, output));
  const auto weight = tensor_of(sums.weights, {3, 3, input.size(1), gradient.size(1)});
  return {weight.permute({3, 2, 0, 1}).contiguous(), tensor_of(sums.bias, {gradient.size(1)})};
}

class ConvRelu : public Function<ConvRelu> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& any_input, const Tensor& weight, const Tensor& bias) {
    const KernelSet& kernels = *kernels_for(any_input);
    const auto input = any_input.contiguous(kChannelsLast);
    const auto plan = plan_convolution(size_of(weight, 1), size_of(weight, 0));
    const auto by_tap = weight.permute({2, 3, 1, 0}).contiguous();
    const auto output = run(kernels, "forward", plan, {matrices(by_tap)}, {maps_of(input)},
                            empty_maps(input, weight.size(0), input.size(2), input.size(3)), bias.contiguous());
    context->save_for_backward({input, weight, output});
    return output;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const KernelSet& kernels = *kernels_for(saved[0]);
    const auto gradient = gradients[0].contiguous(kChannelsLast);
    const auto parameters = parameter_gradients(kernels, saved[0], gradient, saved[2]);
    Tensor to_input;
    if (context->needs_input_grad(0)) to_input = input_gradient(kernels, gradient, saved[2], saved[1]);
    return {to_input, parameters.weight, parameters.bias};
  }
};

// folds[p][a][y] is 1 where element y of a kernel of three, laid over pixels up-sampled by two at parity p, meets
// neighbour a of the two: w over [up] is then the sum over y and x of folds[p][a][y] folds[q][b][x] w[y][x] over low.
Tensor folds() {
  return torch::tensor({1.0F, 0.0F, 0.0F, 0.0F, 1.0F, 1.0F, 1.0F, 1.0F, 0.0F, 0.0F, 0.0F, 1.0F}).view({2, 2, 3});
}

// OIHW to [p][q][a][b][in][out]
Tensor fold(const Tensor& weight) {
  return torch::einsum("pay,qbx,oiyx->pqabio", {folds(), folds(), weight}).contiguous();
}

class UpConvRelu : public Function<UpConvRelu> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& any_low, const Tensor& any_skip, const Tensor& weight,
                        const Tensor& bias) {
    const KernelSet& kernels = *kernels_for(any_low);
    const auto low = any_low.contiguous(kChannelsLast);
    const auto skip = any_skip.contiguous(kChannelsLast);
    const std::int64_t low_channels = low.size(1);
    const auto folded = fold(weight.narrow(1, 0, low_channels));
    const auto of_skip = weight.narrow(1, low_channels, skip.size(1)).permute({2, 3, 1, 0}).contiguous();
    const auto plan = plan_joined_convolution(size_of(low, 1), size_of(skip, 1), size_of(weight, 0));
    const auto low_taps = matrices(folded);
    const auto skip_taps = matrices(of_skip);
    std::vector<std::vector<const float*>> weights;
    for (std::ptrdiff_t phase = 0; phase < 4; ++phase) {
      auto& taps = weights.emplace_back(low_taps.begin() + 4 * phase, low_taps.begin() + 4 * (phase + 1));
      taps.insert(taps.end(), skip_taps.begin(), skip_taps.end());
    }
    const auto output = run(kernels, "forward", plan, weights, {maps_of(low), maps_of(skip)},
                            empty_maps(low, weight.size(0), skip.size(2), skip.size(3)), bias.contiguous());
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
    const auto low_weight = saved[2].narrow(1, 0, low.size(1));
    const auto skip_weight = saved[2].narrow(1, low.size(1), skip.size(1));

    const auto of_skip = parameter_gradients(kernels, skip, gradient, output);
    const auto low_plan = plan_upsampled_convolution(size_of(low, 1), size_of(gradient, 1));
    const auto sums = gradients_of_weights(kernels, low_plan, maps_of(low), maps_of(gradient, output));
    const auto folded = tensor_of(sums.weights, {2, 2, 2, 2, low.size(1), gradient.size(1)});
    const auto of_low = torch::einsum("pay,qbx,pqabio->oiyx", {folds(), folds(), folded});
    Tensor to_low;
    Tensor to_skip;
    if (context->needs_input_grad(0)) to_low = low_gradient(kernels, gradient, output, low_weight, low);
    if (context->needs_input_grad(1)) to_skip = input_gradient(kernels, gradient, output, skip_weight);
    return {to_low, to_skip, torch::cat({of_low, of_skip.weight}, 1), of_skip.bias};
  }

 private:
  static Tensor low_gradient(const KernelSet& kernels, const Tensor& gradient, const Tensor& output,
                             const Tensor& weight, const Tensor& low) {
    // Row 2 i - 1 + y of the output, y from 0 to 3, meets row i of low as neighbour a at parity p: (1,1), (0,1), (1,0),
    // (0,0); columns alike.
    const auto order = torch::tensor({3, 1, 2, 0});
    const auto by_tap = fold(weight)
                            .permute({0, 2, 1, 3, 5, 4})
                            .reshape({4, 4, weight.size(0), weight.size(1)})
                            .index_select(0, order)
                            .index_select(1, order)
                            .contiguous();
    const auto plan = plan_low_gradient(size_of(weight, 0), size_of(weight, 1));
    return run(kernels, "input gradient", plan, {matrices(by_tap)}, {maps_of(gradient, output)},
               empty_maps(gradient, weight.size(1), low.size(2), low.size(3)));
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
    const auto output = empty_maps(input, input.size(1), input.size(2) / 2, input.size(3) / 2);
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
    const auto logits = torch::empty({input.size(0), 1, input.size(2), input.size(3)}, torch::kFloat32);
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
  const auto output = torch::empty({input.size(0), width, input.size(2), input.size(3)},
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
