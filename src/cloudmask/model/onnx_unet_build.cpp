#include <limits>

#include "cloudmask/config/input_scaling.h"
#include "cloudmask/model/onnx_unet.h"

namespace cloudmask {
namespace {

using Wholes = std::vector<std::int64_t>;
using Attributes = std::vector<OnnxAttribute>;

constexpr std::int64_t kOpset = 17;

// Adds nodes; each function gives the name of the tensor that it makes.
class GraphBuilder {
 public:
  std::string node(const std::string& name, const char* op_type, std::vector<std::string> inputs,
                   Attributes attributes = {}) {
    model.nodes.push_back({name, op_type, "", std::move(inputs), {name}, std::move(attributes)});
    return name;
  }

  std::string floats(const std::string& name, Wholes dims, std::vector<float> values) {
    model.initialisers.push_back({name, kOnnxFloat, std::move(dims), std::move(values), {}});
    return name;
  }

  std::string wholes(const std::string& name, Wholes values) {
    const auto count = static_cast<std::int64_t>(values.size());
    model.initialisers.push_back({name, kOnnxInt64, {count}, {}, std::move(values)});
    return name;
  }

  std::string conv(const std::string& name, const ConvWeights& weights, const std::string& from) {
    const std::int64_t side = weights.kernel_px;
    const std::int64_t border = side / 2;
    return node(name, "Conv", {from, kernel(name + "/kernel", weights), bias(name + "/bias", weights)},
                {{"kernel_shape", Wholes{side, side}}, {"pads", Wholes{border, border, border, border}}});
  }

  std::string conv_relu(const std::string& name, const ConvWeights& weights, const std::string& from) {
    return node(name + "_relu", "Relu", {conv(name, weights, from)});
  }

  OnnxModel model;

 private:
  // Keras stores [height, width, in, out], ONNX [out, in, height, width].
  std::string kernel(const std::string& name, const ConvWeights& weights) {
    const auto in = static_cast<std::size_t>(weights.in_channels);
    const auto out = static_cast<std::size_t>(weights.out_channels);
    const std::size_t window = weights.kernel.size() / (in * out);
    std::vector<float> values(weights.kernel.size());
    for (std::size_t at = 0; at < window; ++at) {
      for (std::size_t i = 0; i < in; ++i) {
        for (std::size_t o = 0; o < out; ++o) {
          values[(o * in + i) * window + at] = weights.kernel[(at * in + i) * out + o];
        }
      }
    }
    const std::int64_t side = weights.kernel_px;
    return floats(name, {weights.out_channels, weights.in_channels, side, side}, std::move(values));
  }

  std::string bias(const std::string& name, const ConvWeights& weights) {
    return floats(name, {weights.out_channels}, weights.bias);
  }
};

OnnxValue image(const char* name, int channels) {
  return {name, kOnnxFloat, {{0, "batch"}, {0, "height"}, {0, "width"}, {channels, ""}}};
}

// The tensors "scaled", what the network sees, and "missing".
void add_input_scaling(GraphBuilder& build, Normalisation normalisation) {
  const int channels = input_channels(normalisation);
  const bool background = normalisation == Normalisation::kBackground;
  build.model.inputs = {image(kOnnxInput, channels)};
  const auto nchw = build.node("channels_first", "Transpose", {kOnnxInput}, {{"perm", Wholes{0, 3, 1, 2}}});

  Wholes sizes{6, 1, 1, 1};
  std::vector<std::string> parts{"reflectance", "s7_k", "s8_k", "s9_k"};
  if (background) {
    sizes.push_back(1);
    parts.emplace_back("tref_k");
  }
  build.model.nodes.push_back({"channels",
                               "Split",
                               "",
                               {nchw, build.wholes("channels/sizes", std::move(sizes))},
                               parts,
                               {{"axis", std::int64_t{1}}}});

  const auto zero = build.floats("zero", {}, {0});
  const auto absent = [&](const char* part) { return build.node(std::string(part) + "_absent", "IsNaN", {part}); };
  parts[0] = build.node("reflectance_or_zero", "Where", {absent("reflectance"), zero, "reflectance"});
  parts[1] = build.node("s7_or_s8_k", "Where", {absent("s7_k"), "s8_k", "s7_k"});
  const auto all = build.node("filled", "Concat", parts, {{"axis", std::int64_t{1}}});

  std::vector<float> offset(static_cast<std::size_t>(channels), kTemperatureOffset_k);
  std::vector<float> unit(static_cast<std::size_t>(channels), kTemperatureUnit_k);
  for (std::size_t band = 0; band < 6; ++band) {
    offset[band] = kReflectanceOffset;
    unit[band] = 1;
  }
  const Wholes across{1, channels, 1, 1};
  const auto shifted = build.node("shifted", "Sub", {all, build.floats("offset", across, offset)});
  const auto in_units = build.node("in_units", "Div", {shifted, build.floats("unit", across, unit)});
  const auto missing = build.node("missing", "Or", {absent("s8_k"), absent("s9_k")});
  build.node("scaled", "Where", {missing, zero, in_units});
}

// From the tensor that the network sees to its probability.
std::string add_network(GraphBuilder& build, const ModelContent& content, std::string at) {
  std::size_t next = 0;
  const auto conv_relu = [&](const std::string& from) {
    const std::size_t i = next++;
    return build.conv_relu(unet_layer_names().at(i), content.convolutions.at(i), from);
  };
  const auto double_conv = [&](const std::string& from) { return conv_relu(conv_relu(from)); };
  const Attributes channel_axis{{"axis", std::int64_t{1}}};

  if (content.spectral.out_channels > 0) {
    const auto features = build.node("spectral_tanh", "Tanh", {build.conv("spectral", content.spectral, at)});
    at = build.node("spectral_join", "Concat", {at, features}, channel_axis);
  }
  std::vector<std::string> skips;
  for (const char* level : {"1", "2", "3"}) {
    skips.push_back(double_conv(at));
    at = build.node(std::string("down") + level + "_pool", "MaxPool", {skips.back()},
                    {{"kernel_shape", Wholes{2, 2}}, {"strides", Wholes{2, 2}}});
  }
  at = double_conv(at);
  const auto twice = build.floats("twice", {4}, {1, 1, 2, 2});
  for (const char* level : {"3", "2", "1"}) {
    const std::string name = std::string("up") + level;
    const auto sampled = build.node(name + "_sample", "Resize", {at, "", twice},
                                    {{"mode", std::string("nearest")},
                                     {"coordinate_transformation_mode", std::string("asymmetric")},
                                     {"nearest_mode", std::string("floor")}});
    at = double_conv(build.node(name + "_join", "Concat", {sampled, skips.back()}, channel_axis));
    skips.pop_back();
  }
  return build.node("probability", "Sigmoid", {build.conv(unet_layer_names()[next], content.convolutions[next], at)});
}

}  // namespace

OnnxModel make_onnx_unet(const ModelContent& content) {
  GraphBuilder build;
  build.model.opset = kOpset;
  build.model.graph_name = "cloudmask_unet";
  add_input_scaling(build, content.options.normalisation);
  const auto probability = add_network(build, content, "scaled");
  const auto no_value = build.floats("no_value", {}, {std::numeric_limits<float>::quiet_NaN()});
  const auto masked = build.node("masked", "Where", {"missing", no_value, probability});
  build.node(kOnnxOutput, "Transpose", {masked}, {{"perm", Wholes{0, 2, 3, 1}}});
  build.model.outputs = {image(kOnnxOutput, 1)};
  return std::move(build.model);
}

}  // namespace cloudmask
