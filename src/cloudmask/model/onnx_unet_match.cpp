#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "cloudmask/base/error.h"
#include "cloudmask/model/keras_unet.h"
#include "cloudmask/model/onnx_graph.h"
#include "cloudmask/model/onnx_unet.h"

namespace cloudmask {
namespace {

using Wholes = std::vector<std::int64_t>;
using Text = std::string;
using Value = OnnxAttribute::Value;

// ONNX has kernels as [out, in, height, width], Keras as [height, width, in, out].
ConvWeights to_keras(const OnnxTensor& kernel, const OnnxTensor& bias) {
  const auto out = static_cast<std::size_t>(kernel.dims[0]);
  const auto in = static_cast<std::size_t>(kernel.dims[1]);
  const auto window = static_cast<std::size_t>(kernel.dims[2] * kernel.dims[3]);
  ConvWeights weights{static_cast<int>(kernel.dims[2]), static_cast<int>(in), static_cast<int>(out),
                      std::vector<float>(kernel.floats.size()), bias.floats};
  for (std::size_t o = 0; o < out; ++o) {
    for (std::size_t i = 0; i < in; ++i) {
      for (std::size_t at = 0; at < window; ++at) {
        weights.kernel[(at * in + i) * out + o] = kernel.floats[(o * in + i) * window + at];
      }
    }
  }
  return weights;
}

// The two tensors that a Concat joins.
struct Joined {
  const std::string& first;
  const std::string& second;
};

class Matcher {
 public:
  explicit Matcher(const OnnxModel& model) : graph_(model) {}

  ModelContent match() {
    const std::string* at = &match_conv(match_end(), 1, 1);
    const int f = base_filters(*at);
    std::array<const std::string*, 3> skips{};
    for (std::size_t level = 0; level < skips.size(); ++level) {
      const Joined joined = match_join(match_double_conv(*at, f << level));
      skips[level] = &joined.second;
      at = &match_up_sample(joined.first);
    }
    at = &match_double_conv(*at, f << skips.size());
    for (std::size_t level = skips.size(); level-- > 0;) {
      at = &match_pool(*at);
      require_one(*at, *skips[level]);
      at = &match_double_conv(*at, f << level);
    }
    std::reverse(content_.convolutions.begin(), content_.convolutions.end());
    content_.options.base_filters = f;
    match_start(*at);
    return std::move(content_);
  }

 private:
  void require_one(const std::string& found, const std::string& wanted) const {
    if (graph_.same(found, wanted)) return;
    throw Error(fmt::format("{}, wanted {}, which is joined later", graph_.origin(found), graph_.title(wanted)));
  }

  // In our own graphs the output's layout and the marks of missing pixels; the sigmoid, whose input is given back.
  const std::string& match_end() {
    const std::string* at = &graph_.output();
    own_ = graph_.made_by(*at, "Transpose");
    if (own_) at = &input_of(graph_.maker(input_of(graph_.maker(*at, "Transpose"), 0), "Where"), 2);
    return input_of(graph_.maker(*at, "Sigmoid"), 0);
  }

  // What the convolution of the decoder's last level makes.
  int base_filters(const std::string& tensor) const {
    const OnnxNode& conv = graph_.maker(input_of(graph_.maker(tensor, "Relu"), 0), "Conv");
    const OnnxTensor& kernel = graph_.floats(input_of(conv, 1));
    if (kernel.dims.empty() || kernel.dims[0] < 1 || kernel.dims[0] > kMaxBaseFilters) {
      throw Error(fmt::format("{} has a kernel of [{}], wanted 1 to {} filters", title(conv),
                              fmt::join(kernel.dims, ","), kMaxBaseFilters));
    }
    return static_cast<int>(kernel.dims[0]);
  }

  // Features of the channels, if there are any, and how the channels come in.
  void match_start(const std::string& first) {
    const std::string* at = &first;
    if (graph_.made_by(first, "Concat")) {
      const Joined joined = match_join(first);
      const std::string& conv = input_of(graph_.maker(joined.second, "Tanh"), 0);
      at = &match_any_conv(conv, 1, content_.spectral);
      require_one(*at, joined.first);
    }
    const int channels = match_channels();
    check_shapes();
    if (own_) {
      const OnnxModel wanted = make_onnx_unet(content_);
      graph_.require_same(graph_.output(), OnnxGraph(wanted), kOnnxOutput);
    } else {
      match_input(*at, channels);
    }
  }

  // The channels that the network reads; they say which normalisation it is.
  int match_channels() {
    constexpr int kPlain = input_channels(Normalisation::kSpectral);
    constexpr int kWithBackground = input_channels(Normalisation::kBackground);
    const bool features = content_.spectral.out_channels > 0;
    const int channels = features ? content_.spectral.in_channels : content_.convolutions.front().in_channels;
    const bool background = features && channels == kWithBackground;
    if ((channels != kPlain && !background) || content_.spectral.out_channels > kMaxSpectralFilters) {
      throw Error(
          fmt::format("the first layer reads {} channels and makes {} features of them, wanted {} channels, or {} "
                      "and 1 to {} features",
                      channels, content_.spectral.out_channels, kPlain, kWithBackground, kMaxSpectralFilters));
    }
    content_.options.normalisation = background ? Normalisation::kBackground
                                     : features ? Normalisation::kSpectral
                                                : Normalisation::kReference;
    return channels;
  }

  void check_shapes() const {
    const ModelContent wanted = unet_without_weights(content_.options, content_.spectral.out_channels);
    for (std::size_t i = 0; i < wanted.convolutions.size(); ++i) {
      const int found = content_.convolutions[i].in_channels;
      if (found != wanted.convolutions[i].in_channels) {
        throw Error(fmt::format("the convolution in the place of {} reads {} channels, wanted {}",
                                unet_layer_names()[i], found, wanted.convolutions[i].in_channels));
      }
    }
  }

  void match_input(const std::string& tensor, int channels) const {
    if (!graph_.is_input(tensor)) {
      throw Error(fmt::format("the first layer's {}, wanted the graph's input", graph_.origin(tensor)));
    }
    const OnnxValue& input = graph_.input();
    const bool right = input.dims.size() == 4 && (input.dims[1].size == channels || input.dims[1].size == 0);
    if (input.element_type != kOnnxFloat || !right) {
      throw Error(
          fmt::format("the input '{}' has {} dims and numbers of ONNX' type {}, wanted [N,{},H,W] of type {} (FLOAT)",
                      shown(input.name), input.dims.size(), input.element_type, channels, kOnnxFloat));
    }
  }

  // Every function below takes the tensor that a layer makes and gives the one that it reads.
  const std::string& match_conv(const std::string& tensor, int kernel_px, int filters) {
    ConvWeights weights;
    const std::string& from = match_any_conv(tensor, kernel_px, weights);
    if (weights.out_channels != filters) {
      throw Error(fmt::format("{} has {} filters, wanted {}", graph_.title(tensor), weights.out_channels, filters));
    }
    // Found from the last to the first: what a layer reads is what the one before it must make.
    content_.convolutions.push_back(std::move(weights));
    return from;
  }

  const std::string& match_any_conv(const std::string& tensor, int kernel_px, ConvWeights& weights) const {
    const OnnxNode& node = graph_.maker(tensor, "Conv");
    const OnnxTensor& kernel = graph_.floats(input_of(node, 1));
    const OnnxTensor& bias = graph_.floats(input_of(node, 2));
    if (kernel.dims.size() != 4 || kernel.dims[2] != kernel_px || kernel.dims[3] != kernel_px ||
        kernel.floats.empty() || bias.dims != Wholes{kernel.dims[0]}) {
      throw Error(fmt::format("{} has a kernel of [{}] and a bias of [{}], wanted [out,in,{},{}] and [out]",
                              title(node), fmt::join(kernel.dims, ","), fmt::join(bias.dims, ","), kernel_px,
                              kernel_px));
    }
    require_padding(node, kernel_px / 2);
    require_attribute(node, "strides", {Wholes{1, 1}});
    require_attribute(node, "dilations", {Wholes{1, 1}});
    require_attribute(node, "group", {std::int64_t{1}});
    weights = to_keras(kernel, bias);
    return input_of(node, 0);
  }

  static void require_padding(const OnnxNode& node, std::int64_t border_px) {
    const auto* automatic = find_attribute(node, "auto_pad");
    const bool same =
        automatic != nullptr && (*automatic == Value(Text("SAME_UPPER")) || *automatic == Value(Text("SAME_LOWER")));
    if (same) return;
    const Wholes border(4, border_px);
    require_attribute(node, "auto_pad", {Text("NOTSET"), border_px == 0 ? Text("VALID") : Text("NOTSET")});
    require_attribute(node, "pads", {border_px == 0 ? Value(border) : Value(), border});
  }

  const std::string& match_conv_relu(const std::string& tensor, int filters) {
    return match_conv(input_of(graph_.maker(tensor, "Relu"), 0), 3, filters);
  }

  const std::string& match_double_conv(const std::string& tensor, int filters) {
    return match_conv_relu(match_conv_relu(tensor, filters), filters);
  }

  const std::string& match_pool(const std::string& tensor) const {
    const OnnxNode& node = graph_.maker(tensor, "MaxPool");
    require_attribute(node, "kernel_shape", {{}, Wholes{2, 2}});
    require_attribute(node, "strides", {{}, Wholes{2, 2}});
    require_attribute(node, "pads", {Wholes{0, 0, 0, 0}});
    require_attribute(node, "dilations", {Wholes{1, 1}});
    require_attribute(node, "ceil_mode", {std::int64_t{0}});
    require_attribute(node, "auto_pad", {Text("NOTSET"), Text("VALID")});
    return input_of(node, 0);
  }

  Joined match_join(const std::string& tensor) const {
    const OnnxNode& node = graph_.maker(tensor, "Concat");
    require_attribute(node, "axis", {{}, std::int64_t{1}, std::int64_t{-3}});
    if (node.inputs.size() != 2) {
      throw Error(fmt::format("{} joins {} tensors, wanted 2", title(node), node.inputs.size()));
    }
    return {input_of(node, 0), input_of(node, 1)};
  }

  // Each pixel becomes 2x2: of the ways in which Resize finds the nearest pixel, those that do that.
  const std::string& match_up_sample(const std::string& tensor) const {
    const OnnxNode& node = graph_.maker(tensor, "Resize");
    require_attribute(node, "mode", {Text("nearest")});
    require_attribute(node, "coordinate_transformation_mode",
                      {Text("half_pixel"), Text("pytorch_half_pixel"), Text("asymmetric")});
    const auto* mode = find_attribute(node, "coordinate_transformation_mode");
    const bool corner = mode != nullptr && *mode == Value(Text("asymmetric"));
    require_attribute(node, "nearest_mode",
                      {Text("round_prefer_floor"), corner ? Text("floor") : Text("round_prefer_ceil")});
    require_attribute(node, "axes", {Wholes{0, 1, 2, 3}});  // since opset 18: which ones the scales are of
    const OnnxTensor& scales = graph_.floats(input_of(node, 2));
    if (scales.floats != std::vector<float>{1, 1, 2, 2}) {
      throw Error(fmt::format("{} does not scale by [1,1,2,2]", title(node)));
    }
    return input_of(node, 0);
  }

  OnnxGraph graph_;
  ModelContent content_;
  bool own_ = false;  ///< as make_onnx_unet() writes it
};

}  // namespace

ModelContent match_onnx_unet(const OnnxModel& model) { return Matcher(model).match(); }

}  // namespace cloudmask
