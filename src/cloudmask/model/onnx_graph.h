#pragma once

#include <map>
#include <string>
#include <vector>

#include "cloudmask/model/onnx_messages.h"

namespace cloudmask {

/// Who makes which tensor of a graph. Tensors are asked for by name, and Identity nodes are passed over. Functions that
/// throw do so with an Error that names node or tensor, what was found and what was wanted. The model must stay.
class OnnxGraph {
 public:
  /// Throws for operators older than opset 11, for more than one input or output, a tensor that two nodes make, and
  /// Identity nodes in a circle.
  explicit OnnxGraph(const OnnxModel& model);

  const OnnxValue& input() const { return *input_; }
  const std::string& output() const { return *output_; }

  /// Whether both are one tensor.
  bool same(const std::string& a, const std::string& b) const { return source(a) == source(b); }
  bool is_input(const std::string& tensor) const { return source(tensor) == input_->name; }

  /// Whether the tensor is the first output of a node of this operator, and which node; throws when it is none.
  bool made_by(const std::string& tensor, const std::string& op_type) const;
  const OnnxNode& maker(const std::string& tensor, const std::string& op_type) const;

  /// The numbers of an initialiser or a Constant node, all finite; throws when the tensor is none.
  const OnnxTensor& floats(const std::string& tensor) const;

  /// Throws unless the tensor is computed as that of another graph, from the same constants.
  void require_same(const std::string& tensor, const OnnxGraph& other, const std::string& wanted) const;

  /// For messages: "node 'head' (Conv)", that makes the tensor; "tensor 'x' comes from node 'head' (Conv)".
  std::string title(const std::string& tensor) const;
  std::string origin(const std::string& tensor) const;

 private:
  struct Maker {
    const OnnxNode* node = nullptr;  ///< none for the input and constants
    const OnnxTensor* constant = nullptr;
    std::size_t output = 0;  ///< of the node
  };
  void add(const std::string& tensor, const Maker& maker);
  void find_ends(const OnnxModel& model);
  const std::string& source(const std::string& tensor) const;
  const Maker* find(const std::string& tensor) const;

  std::map<std::string, Maker> makers_;
  const OnnxValue* input_ = nullptr;
  const std::string* output_ = nullptr;
};

std::string title(const OnnxNode& node);

/// The node's input, which must be given.
const std::string& input_of(const OnnxNode& node, std::size_t index);

/// nullptr where the node has no such attribute.
const OnnxAttribute::Value* find_attribute(const OnnxNode& node, const std::string& name);

/// The attribute must have one of these values; the first is what counts where it is absent (monostate: it must be
/// there).
void require_attribute(const OnnxNode& node, const std::string& name, const std::vector<OnnxAttribute::Value>& allowed);

}  // namespace cloudmask
