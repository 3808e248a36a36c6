#include <nlohmann/json.hpp>

#include "cloudmask/base/error.h"
#include "cloudmask/model/keras_unet.h"

namespace cloudmask {
namespace {

using nlohmann::json;

// Builds the list of layers; each function adds one that reads the named layers and gives its name.
class ConfigBuilder {
 public:
  std::string input(int channels) {
    return add("input", "InputLayer", {{"batch_input_shape", {nullptr, nullptr, nullptr, channels}}}, {});
  }

  std::string conv(const std::string& name, const ConvWeights& weights, const std::string& from,
                   const char* activation = "linear") {
    const json initial = {{"class_name", "HeNormal"}, {"config", {{"seed", nullptr}}}};
    const json zeros = {{"class_name", "Zeros"}, {"config", json::object()}};
    return add(name, "Conv2D",
               {{"filters", weights.out_channels},
                {"kernel_size", {weights.kernel_px, weights.kernel_px}},
                {"strides", {1, 1}},
                {"padding", "same"},
                {"data_format", "channels_last"},
                {"dilation_rate", {1, 1}},
                {"groups", 1},
                {"activation", activation},
                {"use_bias", true},
                {"kernel_initializer", initial},
                {"bias_initializer", zeros}},
               {from});
  }

  std::string relu(const std::string& from) {
    return add(from + "_relu", "Activation", {{"activation", "relu"}}, {from});
  }

  std::string pool(const std::string& name, const std::string& from) {
    return add(name, "MaxPooling2D",
               {{"pool_size", {2, 2}}, {"strides", {2, 2}}, {"padding", "valid"}, {"data_format", "channels_last"}},
               {from});
  }

  std::string up_sample(const std::string& name, const std::string& from) {
    return add(name, "UpSampling2D", {{"size", {2, 2}}, {"interpolation", "nearest"}, {"data_format", "channels_last"}},
               {from});
  }

  std::string join(const std::string& name, const std::string& first, const std::string& second) {
    return add(name, "Concatenate", {{"axis", -1}}, {first, second});
  }

  std::string text(const std::string& first, const std::string& last) const {
    const json config = {{"name", "cloudmask_unet"},
                         {"trainable", true},
                         {"layers", layers_},
                         {"input_layers", json::array({end(first)})},
                         {"output_layers", json::array({end(last)})}};
    return json{{"class_name", "Functional"}, {"config", config}}.dump();
  }

 private:
  static json end(const std::string& name) { return json::array({name, 0, 0}); }

  std::string add(const std::string& name, const char* class_name, json config, const std::vector<std::string>& from) {
    config["name"] = name;
    config["dtype"] = "float32";
    if (!from.empty()) config["trainable"] = true;
    json call = json::array();
    for (const std::string& layer : from) call.push_back(json::array({layer, 0, 0, json::object()}));
    layers_.push_back({{"class_name", class_name},
                       {"name", name},
                       {"config", std::move(config)},
                       {"inbound_nodes", from.empty() ? json::array() : json::array({call})}});
    return name;
  }

  json layers_ = json::array();
};

}  // namespace

std::string unet_config(const ModelContent& content) {
  ConfigBuilder build;
  std::size_t next = 0;
  const auto conv = [&](const std::string& from, const char* activation) {
    const std::size_t i = next++;
    return build.conv(unet_layer_names().at(i), content.convolutions.at(i), from, activation);
  };
  const auto conv_relu = [&](const std::string& from) { return build.relu(conv(from, "linear")); };
  const auto double_conv = [&](const std::string& from) { return conv_relu(conv_relu(from)); };

  const std::string input = build.input(input_channels(content.options.normalisation));
  std::string at = input;
  if (content.spectral.out_channels > 0) {
    const auto features = build.conv("spectral", content.spectral, input, "tanh");
    at = build.join("spectral_join", input, features);
  }
  std::vector<std::string> skips;
  for (const char* level : {"1", "2", "3"}) {
    skips.push_back(double_conv(at));
    at = build.pool(std::string("down") + level + "_pool", skips.back());
  }
  at = double_conv(at);
  for (const char* level : {"3", "2", "1"}) {
    const std::string name = std::string("up") + level;
    const std::string sampled = build.up_sample(name + "_sample", at);
    at = double_conv(build.join(name + "_join", sampled, skips.back()));
    skips.pop_back();
  }
  return build.text(input, conv(at, "sigmoid"));
}

}  // namespace cloudmask
