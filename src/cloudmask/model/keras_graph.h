#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace cloudmask {

struct KerasLayer {
  std::string name;
  std::string class_name;           ///< Conv2D, ReLU, ...
  nlohmann::json config;            ///< the layer's options
  std::vector<std::string> inputs;  ///< names of the layers it is called on, in order
};

/// A functional model: layers in the order of the file, each called once.
struct KerasGraph {
  std::vector<KerasLayer> layers;
  std::string input;
  std::string output;
};

/// Reads what Keras 2 and Keras 3 write as `model_config` or config.json. Throws Error for text that is not such a
/// model: Sequential, subclassed, several inputs or outputs, a layer that is called more than once.
KerasGraph parse_keras_graph(const std::string& text);

}  // namespace cloudmask
