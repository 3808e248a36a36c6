#include "cloudmask/model/onnx_graph.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "cloudmask/base/error.h"

namespace cloudmask {
namespace {

struct ShowValue {
  std::string operator()(std::monostate) const { return "absent or of another kind"; }
  std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
  std::string operator()(float value) const { return fmt::format("{}", value); }
  std::string operator()(const std::string& value) const { return '"' + shown(value) + '"'; }
  std::string operator()(const OnnxTensor&) const { return "a tensor"; }
  template <typename T>
  std::string operator()(const std::vector<T>& values) const {
    constexpr std::size_t kMost = 8;
    if (values.size() > kMost) return fmt::format("{} numbers", values.size());
    return fmt::format("[{}]", fmt::join(values, ","));
  }
};

std::string show(const OnnxAttribute::Value& value) { return std::visit(ShowValue{}, value); }

bool same_number(float a, float b) { return a == b || (std::isnan(a) && std::isnan(b)); }

bool same_values(const OnnxTensor& a, const OnnxTensor& b) {
  return a.element_type == b.element_type && a.dims == b.dims && a.wholes == b.wholes &&
         std::equal(a.floats.begin(), a.floats.end(), b.floats.begin(), b.floats.end(), same_number);
}

bool same_node(const OnnxNode& a, const OnnxNode& b) {
  if (a.op_type != b.op_type || a.inputs.size() != b.inputs.size()) return false;
  return a.attributes.size() == b.attributes.size() &&
         std::all_of(a.attributes.begin(), a.attributes.end(), [&](const OnnxAttribute& attribute) {
           const auto* other = find_attribute(b, attribute.name);
           return other != nullptr && *other == attribute.value;
         });
}

}  // namespace

std::string title(const OnnxNode& node) {
  const std::string& name = node.name.empty() && !node.outputs.empty() ? node.outputs.front() : node.name;
  return fmt::format("node '{}' ({})", shown(name), shown(node.op_type));
}

const std::string& input_of(const OnnxNode& node, std::size_t index) {
  if (index >= node.inputs.size() || node.inputs[index].empty()) {
    throw Error(fmt::format("{} has no input {}", title(node), index + 1));
  }
  return node.inputs[index];
}

const OnnxAttribute::Value* find_attribute(const OnnxNode& node, const std::string& name) {
  const auto found = std::find_if(node.attributes.begin(), node.attributes.end(),
                                  [&](const OnnxAttribute& attribute) { return attribute.name == name; });
  return found == node.attributes.end() ? nullptr : &found->value;
}

void require_attribute(const OnnxNode& node, const std::string& name,
                       const std::vector<OnnxAttribute::Value>& allowed) {
  const auto* given = find_attribute(node, name);
  const OnnxAttribute::Value& found = given == nullptr ? allowed.front() : *given;
  const bool known = !std::holds_alternative<std::monostate>(found);
  if (known && std::find(allowed.begin(), allowed.end(), found) != allowed.end()) return;
  std::string wanted;
  for (const auto& value : allowed) {
    if (!std::holds_alternative<std::monostate>(value)) wanted += (wanted.empty() ? "" : " or ") + show(value);
  }
  throw Error(fmt::format("{} has {} {}, wanted {}", title(node), name, show(found), wanted));
}

OnnxGraph::OnnxGraph(const OnnxModel& model) {
  constexpr std::int64_t kOldestOpset = 11;  // Resize has its present inputs since then
  if (model.opset < kOldestOpset) {
    throw Error(fmt::format("its operators are of opset {}, wanted {} or newer", model.opset, kOldestOpset));
  }
  for (const OnnxTensor& tensor : model.initialisers) add(tensor.name, {.constant = &tensor});
  for (const OnnxNode& node : model.nodes) {
    if (!node.domain.empty() && node.domain != "ai.onnx") {
      throw Error(
          fmt::format("{} is an operator of '{}', wanted those of ONNX", cloudmask::title(node), shown(node.domain)));
    }
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      const auto* value = node.op_type == "Constant" ? find_attribute(node, "value") : nullptr;
      const auto* constant = value == nullptr ? nullptr : std::get_if<OnnxTensor>(value);
      if (!node.outputs[i].empty()) add(node.outputs[i], {.node = &node, .constant = constant, .output = i});
    }
  }
  find_ends(model);
  for (const auto& [tensor, maker] : makers_) source(tensor);
}

void OnnxGraph::add(const std::string& tensor, const Maker& maker) {
  if (!makers_.emplace(tensor, maker).second) throw Error(fmt::format("tensor '{}' is made twice", shown(tensor)));
}

void OnnxGraph::find_ends(const OnnxModel& model) {
  // Files of old lists initialisers among the inputs.
  std::vector<const OnnxValue*> inputs;
  for (const OnnxValue& value : model.inputs) {
    const Maker* maker = find(value.name);
    if (maker == nullptr || maker->constant == nullptr) inputs.push_back(&value);
  }
  if (inputs.size() != 1 || model.outputs.size() != 1) {
    throw Error(
        fmt::format("it has {} inputs and {} outputs, wanted one of each", inputs.size(), model.outputs.size()));
  }
  input_ = inputs.front();
  output_ = &model.outputs.front().name;
  add(input_->name, {});
}

const OnnxGraph::Maker* OnnxGraph::find(const std::string& tensor) const {
  const auto found = makers_.find(tensor);
  return found == makers_.end() ? nullptr : &found->second;
}

const std::string& OnnxGraph::source(const std::string& tensor) const {
  const std::string* at = &tensor;
  for (std::size_t steps = 0; steps <= makers_.size(); ++steps) {
    const Maker* maker = find(*at);
    if (maker == nullptr || maker->node == nullptr || maker->node->op_type != "Identity") return *at;
    at = &input_of(*maker->node, 0);
  }
  throw Error(fmt::format("tensor '{}' is computed from itself", shown(tensor)));
}

std::string OnnxGraph::title(const std::string& tensor) const {
  const Maker* maker = find(source(tensor));
  if (maker == nullptr) return "nothing";
  if (maker->node != nullptr) return cloudmask::title(*maker->node);
  return fmt::format("{} '{}'", maker->constant != nullptr ? "initialiser" : "the input", shown(source(tensor)));
}

std::string OnnxGraph::origin(const std::string& tensor) const {
  return fmt::format("tensor '{}' comes from {}", shown(tensor), title(tensor));
}

bool OnnxGraph::made_by(const std::string& tensor, const std::string& op_type) const {
  const Maker* maker = find(source(tensor));
  return maker != nullptr && maker->node != nullptr && maker->node->op_type == op_type && maker->output == 0;
}

const OnnxNode& OnnxGraph::maker(const std::string& tensor, const std::string& op_type) const {
  if (!made_by(tensor, op_type)) {
    throw Error(fmt::format("{}, wanted a {}", origin(tensor), op_type));
  }
  return *find(source(tensor))->node;
}

const OnnxTensor& OnnxGraph::floats(const std::string& tensor) const {
  const Maker* maker = find(source(tensor));
  if (maker == nullptr || maker->constant == nullptr) {
    throw Error(fmt::format("{}, wanted constant numbers", origin(tensor)));
  }
  const OnnxTensor& found = *maker->constant;
  if (found.element_type != kOnnxFloat) {
    throw Error(fmt::format("tensor '{}' has numbers of ONNX' type {}, wanted {} (FLOAT)", shown(tensor),
                            found.element_type, kOnnxFloat));
  }
  if (!std::all_of(found.floats.begin(), found.floats.end(), [](float value) { return std::isfinite(value); })) {
    throw Error(fmt::format("tensor '{}' has numbers that are not finite", shown(tensor)));
  }
  return found;
}

// `wanted` has no circles: this ends.
void OnnxGraph::require_same(const std::string& tensor, const OnnxGraph& other, const std::string& wanted) const {
  const Maker* found = find(source(tensor));
  const Maker& form = other.makers_.at(wanted);
  const auto fail = [&] {
    throw Error(fmt::format("{}, wanted {} as cloudmask writes it", origin(tensor), other.title(wanted)));
  };
  if (found == nullptr) fail();
  if (form.constant != nullptr) {
    if (found->constant == nullptr || !same_values(*found->constant, *form.constant)) fail();
  } else if (form.node == nullptr) {
    if (!is_input(tensor)) fail();
  } else {
    if (found->node == nullptr || found->output != form.output || !same_node(*found->node, *form.node)) fail();
    for (std::size_t i = 0; i < form.node->inputs.size(); ++i) {
      if (form.node->inputs[i].empty() && found->node->inputs[i].empty()) continue;
      require_same(input_of(*found->node, i), other, input_of(*form.node, i));
    }
  }
}

}  // namespace cloudmask
