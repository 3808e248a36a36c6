#include "cloudmask/model/keras_unet.h"

#include <fmt/format.h>

#include <array>
#include <map>

#include "cloudmask/base/error.h"

namespace cloudmask {
namespace {

using nlohmann::json;

std::string title(const KerasLayer& layer) { return fmt::format("layer '{}' ({})", layer.name, layer.class_name); }

// A layer's option; where the file does not name it, Keras' default.
json option(const KerasLayer& layer, const char* key, const json& keras_default) {
  const auto found = layer.config.find(key);
  return found == layer.config.end() || found->is_null() ? keras_default : *found;
}

void require(const KerasLayer& layer, const char* key, const json& keras_default, const json& wanted) {
  const json found = option(layer, key, keras_default);
  if (found != wanted) {
    throw Error(fmt::format("{} has {} {}, wanted {}", title(layer), key, found.dump(), wanted.dump()));
  }
}

struct ConvForm {
  int kernel_px;
  json filters;
};

class Matcher {
 public:
  explicit Matcher(const KerasGraph& graph) : graph_(graph) {
    for (const KerasLayer& layer : graph.layers) {
      layers_[layer.name] = &layer;
      for (const std::string& input : layer.inputs) readers_[input].push_back(&layer);
    }
  }

  KerasUNet match() {
    const KerasLayer* at = &match_input();
    if (unet_.options.normalisation != Normalisation::kReference) at = &match_spectral(*at);
    int& base_filters = unet_.options.base_filters;
    base_filters = whole_option(following(*at, "Conv2D"), "filters", kMaxBaseFilters);

    std::array<const KerasLayer*, 3> skips{};
    for (int level = 0; level < 3; ++level) {
      const auto i = static_cast<std::size_t>(level);
      skips[i] = at = &match_double_conv(*at, base_filters << level);
      at = &match_pool(*at);
    }
    at = &match_double_conv(*at, base_filters << 3);
    for (int level = 2; level >= 0; --level) {
      at = &match_join(*at, *skips[static_cast<std::size_t>(level)]);
      at = &match_double_conv(*at, base_filters << level);
    }
    match_end(match_conv(*at, {1, 1}, "sigmoid"));
    return unet_;
  }

 private:
  // The layer of a class that reads `from`; `readers` of them in all.
  const KerasLayer& following(const KerasLayer& from, const std::string& class_name, std::size_t readers = 1) {
    const KerasLayer* found = nullptr;
    std::string names;
    for (const KerasLayer* layer : readers_[from.name]) {
      if (layer->class_name == class_name && found == nullptr) found = layer;
      names += (names.empty() ? "" : ", ") + title(*layer);
    }
    if (found == nullptr || readers_[from.name].size() != readers) {
      const bool joined_too = readers == 2 && class_name != "Concatenate";
      throw Error(fmt::format("{} is followed by {}, wanted a {}{}", title(from), names.empty() ? "nothing" : names,
                              class_name, joined_too ? " and a Concatenate" : ""));
    }
    return *found;
  }

  static int whole_option(const KerasLayer& layer, const char* key, int maximum) {
    const json value = option(layer, key, nullptr);
    if (!value.is_number_integer() || value < 1 || value > maximum) {
      throw Error(fmt::format("{} has {} {}, wanted 1 to {}", title(layer), key, value.dump(), maximum));
    }
    return value.get<int>();
  }

  const KerasLayer& match_input() {
    const auto found = layers_.find(graph_.input);
    if (found == layers_.end() || found->second->class_name != "InputLayer") {
      throw Error(fmt::format("the network's input '{}' is not an InputLayer", graph_.input));
    }
    const KerasLayer& layer = *found->second;
    const json shape = option(layer, "batch_shape", option(layer, "batch_input_shape", nullptr));
    constexpr int kPlain = input_channels(Normalisation::kSpectral);
    constexpr int kWithBackground = input_channels(Normalisation::kBackground);
    const bool background = shape.size() == 4 && shape.at(3) == kWithBackground;
    if (!background && (shape.size() != 4 || shape.at(3) != kPlain)) {
      throw Error(fmt::format("{} has shape {}, wanted [batch, height, width, {} or {}]", title(layer), shape.dump(),
                              kPlain, kWithBackground));
    }
    unet_.options.normalisation = background                         ? Normalisation::kBackground
                                  : readers_[layer.name].size() == 2 ? Normalisation::kSpectral
                                                                     : Normalisation::kReference;
    return layer;
  }

  // Input -> 1x1 convolution -> tanh -> Concatenate([input, tanh])
  const KerasLayer& match_spectral(const KerasLayer& input) {
    const KerasLayer& conv = following(input, "Conv2D", 2);
    unet_.spectral = conv.name;
    unet_.spectral_filters = whole_option(conv, "filters", kMaxSpectralFilters);
    check_conv(conv, {1, unet_.spectral_filters});
    const KerasLayer& features = match_activation(conv, "tanh");
    return match_concatenate(input, features);
  }

  static void check_conv(const KerasLayer& conv, const ConvForm& form) {
    require(conv, "filters", nullptr, form.filters);
    require(conv, "kernel_size", nullptr, {form.kernel_px, form.kernel_px});
    require(conv, "strides", {1, 1}, {1, 1});
    if (form.kernel_px > 1) require(conv, "padding", "valid", "same");
    require(conv, "dilation_rate", {1, 1}, {1, 1});
    require(conv, "groups", 1, 1);
    require(conv, "use_bias", true, true);
    require(conv, "data_format", "channels_last", "channels_last");
  }

  // The convolution's own activation, or a layer of its own; the layer that gives the result.
  const KerasLayer& match_activation(const KerasLayer& conv, const std::string& activation) {
    if (option(conv, "activation", "linear") != "linear") {
      require(conv, "activation", "linear", activation);
      return conv;
    }
    const auto& readers = readers_[conv.name];
    if (activation == "relu" && readers.size() == 1 && readers.front()->class_name == "ReLU") {
      const KerasLayer& relu = *readers.front();
      require(relu, "max_value", nullptr, nullptr);
      require(relu, "negative_slope", 0.0, 0.0);
      require(relu, "threshold", 0.0, 0.0);
      return relu;
    }
    const KerasLayer& layer = following(conv, "Activation");
    require(layer, "activation", "linear", activation);
    return layer;
  }

  const KerasLayer& match_conv(const KerasLayer& from, const ConvForm& form, const std::string& activation) {
    const KerasLayer& conv = following(from, "Conv2D");
    check_conv(conv, form);
    unet_.convolutions.push_back(conv.name);
    return match_activation(conv, activation);
  }

  const KerasLayer& match_double_conv(const KerasLayer& from, int filters) {
    return match_conv(match_conv(from, {3, filters}, "relu"), {3, filters}, "relu");
  }

  const KerasLayer& match_pool(const KerasLayer& from) {
    const KerasLayer& pool = following(from, "MaxPooling2D", 2);
    require(pool, "pool_size", {2, 2}, {2, 2});
    require(pool, "strides", {2, 2}, {2, 2});
    require(pool, "data_format", "channels_last", "channels_last");
    return pool;
  }

  const KerasLayer& match_join(const KerasLayer& low, const KerasLayer& skip) {
    const KerasLayer& up = following(low, "UpSampling2D");
    require(up, "size", {2, 2}, {2, 2});
    require(up, "interpolation", "nearest", "nearest");
    require(up, "data_format", "channels_last", "channels_last");
    return match_concatenate(up, skip);
  }

  const KerasLayer& match_concatenate(const KerasLayer& first, const KerasLayer& second) {
    const KerasLayer& join = following(first, "Concatenate", readers_[first.name].size());
    if (option(join, "axis", -1) != 3) require(join, "axis", -1, -1);
    const std::vector<std::string> wanted{first.name, second.name};
    if (join.inputs != wanted) {
      throw Error(fmt::format("{} joins {}, wanted {}", title(join), json(join.inputs).dump(), json(wanted).dump()));
    }
    return join;
  }

  void match_end(const KerasLayer& last) {
    if (graph_.output != last.name || !readers_[last.name].empty()) {
      throw Error(fmt::format("the network's output is layer '{}', wanted '{}'", graph_.output, last.name));
    }
  }

  const KerasGraph& graph_;
  std::map<std::string, const KerasLayer*> layers_;
  std::map<std::string, std::vector<const KerasLayer*>> readers_;
  KerasUNet unet_;
};

}  // namespace

KerasUNet match_unet(const KerasGraph& graph) { return Matcher(graph).match(); }

}  // namespace cloudmask
