#include "cloudmask/model/keras_graph.h"

#include <fmt/format.h>

#include "cloudmask/base/error.h"

namespace cloudmask {
namespace {

using nlohmann::json;

// Keras 3: {"class_name": "__keras_tensor__", "config": {"keras_history": [layer, node, tensor], ...}}, alone or in
// lists.
void collect_tensors(const json& argument, std::vector<std::string>& names) {
  if (argument.is_object()) {
    names.push_back(argument.at("config").at("keras_history").at(0).get<std::string>());
    return;
  }
  for (const json& tensor : argument.get_ref<const json::array_t&>()) {
    names.push_back(tensor.at("config").at("keras_history").at(0).get<std::string>());
  }
}

// One call of a layer. Keras 2: [[layer, node, tensor, {}], ...]; Keras 3: {"args": [...], "kwargs": {...}}.
std::vector<std::string> call_inputs(const json& call) {
  std::vector<std::string> names;
  if (call.is_object()) {
    for (const json& argument : call.at("args")) collect_tensors(argument, names);
  } else {
    for (const json& tensor : call) names.push_back(tensor.at(0).get<std::string>());
  }
  return names;
}

KerasLayer parse_layer(const json& entry) {
  KerasLayer layer;
  layer.name = entry.at("name").get<std::string>();
  layer.class_name = entry.at("class_name").get<std::string>();
  layer.config = entry.at("config");
  const json& calls = entry.at("inbound_nodes");
  if (calls.size() > 1) {
    throw Error(
        fmt::format("layer '{}' ({}) is called {} times, wanted once", layer.name, layer.class_name, calls.size()));
  }
  if (!calls.empty()) layer.inputs = call_inputs(calls.at(0));
  return layer;
}

// ["name", 0, 0] or [["name", 0, 0]]
std::string single_end(const json& ends, const char* what) {
  if (ends.size() == 3 && ends.at(0).is_string()) return ends.at(0).get<std::string>();
  if (ends.size() != 1) throw Error(fmt::format("the network has {} {}, wanted 1", ends.size(), what));
  return ends.at(0).at(0).get<std::string>();
}

}  // namespace

KerasGraph parse_keras_graph(const std::string& text) {
  try {
    const json model = json::parse(text);
    const auto kind = model.at("class_name").get<std::string>();
    if (kind != "Functional" && kind != "Model") {
      throw Error(fmt::format("the network is a Keras {} model, wanted a Functional one", kind));
    }
    const json& config = model.at("config");
    KerasGraph graph;
    for (const json& entry : config.at("layers")) graph.layers.push_back(parse_layer(entry));
    graph.input = single_end(config.at("input_layers"), "inputs");
    graph.output = single_end(config.at("output_layers"), "outputs");
    return graph;
  } catch (const json::exception& fault) {
    throw Error(fmt::format("the network's configuration is not as Keras writes it: {}", fault.what()));
  }
}

}  // namespace cloudmask
