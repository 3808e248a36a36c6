#include <fmt/format.h>

#include <array>
#include <bit>
#include <protozero/pbf_writer.hpp>

#include "cloudmask/base/error.h"
#include "cloudmask/model/onnx_fields.h"
#include "cloudmask/model/onnx_messages.h"

namespace cloudmask {
namespace {

namespace field = onnx_fields;
using protozero::pbf_writer;

// Numbers of AttributeProto.AttributeType, in the order of OnnxAttribute::Value.
constexpr std::array<int, 7> kAttributeTypes{0, 2, 1, 3, 7, 6, 4};
constexpr std::int64_t kIrVersion = 8;  // belongs to operator set 15 and later

static_assert(std::endian::native == std::endian::little, "raw_data is little-endian");

template <typename T>
void add_raw(pbf_writer& tensor, const std::vector<T>& values) {
  tensor.add_bytes(field::tensor::kRawData, reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

void add_tensor(pbf_writer& parent, protozero::pbf_tag_type tag, const OnnxTensor& tensor) {
  pbf_writer message(parent, tag);
  for (const std::int64_t size : tensor.dims) message.add_int64(field::tensor::kDims, size);
  message.add_int32(field::tensor::kDataType, tensor.element_type);
  if (!tensor.name.empty()) message.add_string(field::tensor::kName, tensor.name);
  if (tensor.element_type == kOnnxFloat) {
    add_raw(message, tensor.floats);
  } else {
    CM_CHECK(tensor.element_type == kOnnxInt64);
    add_raw(message, tensor.wholes);
  }
}

struct AddValue {
  pbf_writer& message;
  void operator()(std::monostate) const { CM_CHECK(false); }
  void operator()(std::int64_t value) const { message.add_int64(field::attribute::kInt, value); }
  void operator()(float value) const { message.add_float(field::attribute::kFloat, value); }
  void operator()(const std::string& value) const { message.add_bytes(field::attribute::kString, value); }
  void operator()(const std::vector<std::int64_t>& values) const {
    for (const std::int64_t value : values) message.add_int64(field::attribute::kInts, value);
  }
  void operator()(const std::vector<float>& values) const {
    for (const float value : values) message.add_float(field::attribute::kFloats, value);
  }
  void operator()(const OnnxTensor& value) const { add_tensor(message, field::attribute::kTensor, value); }
};

void add_node(pbf_writer& graph, const OnnxNode& node) {
  pbf_writer message(graph, field::graph::kNode);
  for (const std::string& input : node.inputs) message.add_string(field::node::kInput, input);
  for (const std::string& output : node.outputs) message.add_string(field::node::kOutput, output);
  message.add_string(field::node::kName, node.name);
  message.add_string(field::node::kOpType, node.op_type);
  for (const OnnxAttribute& attribute : node.attributes) {
    pbf_writer inner(message, field::node::kAttribute);
    inner.add_string(field::attribute::kName, attribute.name);
    std::visit(AddValue{inner}, attribute.value);
    inner.add_int32(field::attribute::kType, kAttributeTypes.at(attribute.value.index()));
  }
}

void add_value(pbf_writer& graph, protozero::pbf_tag_type tag, const OnnxValue& value) {
  pbf_writer message(graph, tag);
  message.add_string(field::value::kName, value.name);
  pbf_writer type(message, field::value::kType);
  pbf_writer tensor(type, field::value::kTensorType);
  tensor.add_int32(field::value::kElementType, value.element_type);
  pbf_writer shape(tensor, field::value::kShape);
  for (const OnnxDimension& dim : value.dims) {
    pbf_writer inner(shape, field::value::kDim);
    if (dim.size > 0) {
      inner.add_int64(field::value::kDimValue, dim.size);
    } else {
      inner.add_string(field::value::kDimSymbol, dim.symbol);
    }
  }
}

void add_graph(pbf_writer& parent, const OnnxModel& model) {
  pbf_writer graph(parent, field::model::kGraph);
  for (const OnnxNode& node : model.nodes) add_node(graph, node);
  graph.add_string(field::graph::kName, model.graph_name);
  for (const OnnxTensor& tensor : model.initialisers) add_tensor(graph, field::graph::kInitialiser, tensor);
  for (const OnnxValue& value : model.inputs) add_value(graph, field::graph::kInput, value);
  for (const OnnxValue& value : model.outputs) add_value(graph, field::graph::kOutput, value);
}

std::size_t weight_bytes(const OnnxModel& model) {
  std::size_t bytes = 0;
  for (const OnnxTensor& tensor : model.initialisers) bytes += tensor.floats.size() * sizeof(float);
  return bytes;
}

}  // namespace

std::string encode_onnx(const OnnxModel& model) {
  std::string bytes;
  // protozero stores the length of a message in 32 bits: ask before it is too late.
  constexpr std::size_t kSlack = std::size_t{1} << 24;  // all that is no weight
  const std::size_t needed = weight_bytes(model);
  if (needed + kSlack > kMaxOnnxBytes) {
    throw Error(
        fmt::format("the network has {} MiB of weights, more than one ONNX file holds (2047 MiB)", needed >> 20));
  }
  bytes.reserve(needed + kSlack / 16);
  pbf_writer message(bytes);
  message.add_int64(field::model::kIrVersion, kIrVersion);
  message.add_string(field::model::kProducerName, model.producer_name);
  message.add_string(field::model::kProducerVersion, model.producer_version);
  add_graph(message, model);
  {
    pbf_writer opset(message, field::model::kOpsetImport);
    opset.add_string(field::opset::kDomain, "");
    opset.add_int64(field::opset::kVersion, model.opset);
  }
  for (const auto& [key, value] : model.metadata) {
    pbf_writer entry(message, field::model::kMetadata);
    entry.add_string(field::entry::kKey, key);
    entry.add_string(field::entry::kValue, value);
  }
  return bytes;
}

}  // namespace cloudmask
