#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cloudmask {

// What a convolutional network needs of ONNX' messages (onnx.proto in https://github.com/onnx/onnx), in plain memory.

/// Numbers of TensorProto.DataType.
inline constexpr int kOnnxFloat = 1;
inline constexpr int kOnnxInt64 = 7;

struct OnnxTensor {
  std::string name;
  int element_type = kOnnxFloat;
  std::vector<std::int64_t> dims;    ///< none: a scalar
  std::vector<float> floats;         ///< the values of a kOnnxFloat
  std::vector<std::int64_t> wholes;  ///< the values of a kOnnxInt64; those of other types are not kept
  bool operator==(const OnnxTensor&) const = default;
};

struct OnnxAttribute {
  using Value =
      std::variant<std::monostate,  ///< of a kind that no layer of the network has: a graph, strings, ...
                   std::int64_t, float, std::string, std::vector<std::int64_t>, std::vector<float>, OnnxTensor>;
  std::string name;
  Value value;
};

struct OnnxNode {
  std::string name;
  std::string op_type;
  std::string domain;                ///< empty: ONNX' own operators
  std::vector<std::string> inputs;   ///< names of tensors; empty: an optional one that is not given
  std::vector<std::string> outputs;  ///< names of tensors
  std::vector<OnnxAttribute> attributes;
};

struct OnnxDimension {
  std::int64_t size = 0;  ///< 0: free
  std::string symbol;     ///< name of a free one
};

/// An input or output of the graph.
struct OnnxValue {
  std::string name;
  int element_type = kOnnxFloat;
  std::vector<OnnxDimension> dims;
};

struct OnnxModel {
  std::int64_t opset = 0;  ///< version of ONNX' own operators
  std::string producer_name;
  std::string producer_version;
  std::map<std::string, std::string> metadata;  ///< metadata_props
  std::string graph_name;
  std::vector<OnnxNode> nodes;
  std::vector<OnnxTensor> initialisers;
  std::vector<OnnxValue> inputs;
  std::vector<OnnxValue> outputs;
};

/// A text from a file as a message may show it: printable, at most 80 characters.
std::string shown(const std::string& text);

/// Protobuf allows no message that is larger.
inline constexpr std::size_t kMaxOnnxBytes = (std::size_t{1} << 31) - 1;

/// The same model gives the same bytes. Throws Error above kMaxOnnxBytes.
std::string encode_onnx(const OnnxModel& model);

/// Memory is bounded by the size of `bytes`. Throws Error for bytes that are no ONNX model, cut off, or damaged; for
/// tensors whose values lie in another file or are not as many as their dims say; above 10,000 nodes and tensors, and 8
/// dims.
OnnxModel decode_onnx(std::string_view bytes);

}  // namespace cloudmask
