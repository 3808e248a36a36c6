#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <protozero/pbf_reader.hpp>

#include "cloudmask/base/error.h"
#include "cloudmask/model/onnx_fields.h"
#include "cloudmask/model/onnx_messages.h"

namespace cloudmask {
namespace {

namespace field = onnx_fields;
using protozero::pbf_reader;

constexpr std::int64_t kExternal = 1;  // TensorProto.DataLocation

static_assert(std::endian::native == std::endian::little, "raw_data is little-endian");

// A field is taken in the wire type that it must have; one of another type is passed over, as protobuf itself does.
constexpr std::uint32_t whole(protozero::pbf_tag_type tag) {
  return tag_and_type(tag, protozero::pbf_wire_type::varint);
}
constexpr std::uint32_t real(protozero::pbf_tag_type tag) {
  return tag_and_type(tag, protozero::pbf_wire_type::fixed32);
}
constexpr std::uint32_t block(protozero::pbf_tag_type tag) {
  return tag_and_type(tag, protozero::pbf_wire_type::length_delimited);
}

template <typename T>
std::vector<T> values_of(std::string_view raw, const std::string& tensor) {
  if (raw.size() % sizeof(T) != 0) {
    throw Error(fmt::format("tensor '{}' has {} bytes, wanted a multiple of {}", shown(tensor), raw.size(), sizeof(T)));
  }
  std::vector<T> values(raw.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), raw.data(), raw.size());
  return values;
}

void check_size(const OnnxTensor& tensor) {
  constexpr std::int64_t kMost = kMaxOnnxBytes;
  constexpr std::size_t kMostDims = 8;
  if (tensor.dims.size() > kMostDims) {
    throw Error(
        fmt::format("tensor '{}' has {} dims, wanted at most {}", shown(tensor.name), tensor.dims.size(), kMostDims));
  }
  std::int64_t wanted = 1;
  for (const std::int64_t size : tensor.dims) {
    if (size < 0 || (size > 0 && wanted > kMost / size)) {
      throw Error(fmt::format("tensor '{}' has a size of {}, wanted 0 or more, and all that lies in the file",
                              shown(tensor.name), size));
    }
    wanted *= size;
  }
  const std::size_t found = tensor.element_type == kOnnxFloat ? tensor.floats.size() : tensor.wholes.size();
  if (found != static_cast<std::size_t>(wanted)) {
    throw Error(fmt::format("tensor '{}' has {} values, wanted {} by its dims", shown(tensor.name), found, wanted));
  }
}

class Decoder {
 public:
  OnnxModel model(pbf_reader reader) {
    bool has_graph = false;
    while (reader.next()) {
      switch (reader.tag_and_type()) {
        case block(field::model::kProducerName):
          model_.producer_name = reader.get_string();
          break;
        case block(field::model::kProducerVersion):
          model_.producer_version = reader.get_string();
          break;
        case block(field::model::kOpsetImport):
          opset(reader.get_message());
          break;
        case block(field::model::kMetadata):
          count();
          metadata(reader.get_message());
          break;
        case block(field::model::kGraph):
          if (has_graph) throw Error("it has two graphs, wanted one");
          has_graph = true;
          graph(reader.get_message());
          break;
        default:
          reader.skip();
      }
    }
    if (!has_graph) throw Error("it has no graph");
    return std::move(model_);
  }

 private:
  // An item costs two bytes in a file and hundreds in memory.
  void count() {
    constexpr int kMaxItems = 10'000;
    if (++items_ > kMaxItems) throw Error(fmt::format("it has more than {} nodes and tensors", kMaxItems));
  }

  void opset(pbf_reader reader) {
    std::string domain;
    std::int64_t version = 0;
    while (reader.next()) {
      switch (reader.tag_and_type()) {
        case block(field::opset::kDomain):
          domain = reader.get_string();
          break;
        case whole(field::opset::kVersion):
          version = reader.get_int64();
          break;
        default:
          reader.skip();
      }
    }
    if (domain.empty()) model_.opset = version;
  }

  void metadata(pbf_reader reader) {
    std::string key;
    std::string value;
    while (reader.next()) {
      switch (reader.tag_and_type()) {
        case block(field::entry::kKey):
          key = reader.get_string();
          break;
        case block(field::entry::kValue):
          value = reader.get_string();
          break;
        default:
          reader.skip();
      }
    }
    model_.metadata[key] = value;
  }

  void graph(pbf_reader reader) {
    while (reader.next()) {
      switch (reader.tag_and_type()) {
        case block(field::graph::kName):
          model_.graph_name = reader.get_string();
          break;
        case block(field::graph::kNode):
          model_.nodes.push_back(node(reader.get_message()));
          break;
        case block(field::graph::kInitialiser):
          model_.initialisers.push_back(tensor(reader.get_message()));
          break;
        case block(field::graph::kInput):
          model_.inputs.push_back(value(reader.get_message()));
          break;
        case block(field::graph::kOutput):
          model_.outputs.push_back(value(reader.get_message()));
          break;
        default:
          reader.skip();
      }
    }
  }

  OnnxNode node(pbf_reader reader) {
    count();
    OnnxNode node;
    while (reader.next()) {
      switch (reader.tag_and_type()) {
        case block(field::node::kInput):
          count();
          node.inputs.push_back(reader.get_string());
          break;
        case block(field::node::kOutput):
          count();
          node.outputs.push_back(reader.get_string());
          break;
        case block(field::node::kName):
          node.name = reader.get_string();
          break;
        case block(field::node::kOpType):
          node.op_type = reader.get_string();
          break;
        case block(field::node::kDomain):
          node.domain = reader.get_string();
          break;
        case block(field::node::kAttribute):
          node.attributes.push_back(attribute(reader.get_message()));
          break;
        default:
          reader.skip();
      }
    }
    return node;
  }

  OnnxAttribute attribute(pbf_reader reader) {
    count();
    OnnxAttribute attribute;
    std::vector<std::int64_t> wholes;
    std::vector<float> reals;
    while (reader.next()) {
      switch (reader.tag_and_type()) {
        case block(field::attribute::kName):
          attribute.name = reader.get_string();
          break;
        case whole(field::attribute::kInt):
          attribute.value = reader.get_int64();
          break;
        case real(field::attribute::kFloat):
          attribute.value = reader.get_float();
          break;
        case block(field::attribute::kString):
          attribute.value = reader.get_string();
          break;
        case block(field::attribute::kTensor):
          attribute.value = tensor(reader.get_message());
          break;
        case whole(field::attribute::kInts):
          wholes.push_back(reader.get_int64());
          break;
        case block(field::attribute::kInts):
          append(reader.get_packed_int64(), wholes);
          break;
        case real(field::attribute::kFloats):
          reals.push_back(reader.get_float());
          break;
        case block(field::attribute::kFloats):
          append(reader.get_packed_float(), reals);
          break;
        default:
          reader.skip();
      }
    }
    if (!wholes.empty()) attribute.value = std::move(wholes);
    if (!reals.empty()) attribute.value = std::move(reals);
    return attribute;
  }

  OnnxTensor tensor(pbf_reader reader) {
    count();
    OnnxTensor tensor;
    std::string_view raw;
    bool elsewhere = false;
    while (reader.next()) {
      switch (reader.tag_and_type()) {
        case block(field::tensor::kName):
          tensor.name = reader.get_string();
          break;
        case whole(field::tensor::kDims):
          tensor.dims.push_back(reader.get_int64());
          break;
        case block(field::tensor::kDims):
          append(reader.get_packed_int64(), tensor.dims);
          break;
        case whole(field::tensor::kDataType):
          tensor.element_type = reader.get_int32();
          break;
        case real(field::tensor::kFloatData):
          tensor.floats.push_back(reader.get_float());
          break;
        case block(field::tensor::kFloatData):
          append(reader.get_packed_float(), tensor.floats);
          break;
        case whole(field::tensor::kInt64Data):
          tensor.wholes.push_back(reader.get_int64());
          break;
        case block(field::tensor::kInt64Data):
          append(reader.get_packed_int64(), tensor.wholes);
          break;
        case block(field::tensor::kRawData): {
          const protozero::data_view view = reader.get_view();
          raw = {view.data(), view.size()};
          break;
        }
        case whole(field::tensor::kDataLocation):
          elsewhere = reader.get_int64() == kExternal || elsewhere;
          break;
        case block(field::tensor::kExternalData):
          elsewhere = true;
          reader.skip();
          break;
        default:
          reader.skip();
      }
    }
    if (elsewhere) {
      throw Error(
          fmt::format("tensor '{}' has its values in another file, wanted all in this one", shown(tensor.name)));
    }
    take_raw(raw, tensor);
    return tensor;
  }

  static void take_raw(std::string_view raw, OnnxTensor& tensor) {
    if (tensor.element_type == kOnnxFloat) {
      if (!raw.empty()) tensor.floats = values_of<float>(raw, tensor.name);
      check_size(tensor);
    } else if (tensor.element_type == kOnnxInt64) {
      if (!raw.empty()) tensor.wholes = values_of<std::int64_t>(raw, tensor.name);
      check_size(tensor);
    }
  }

  OnnxValue value(pbf_reader reader) {
    count();
    OnnxValue value;
    value.element_type = 0;
    while (reader.next()) {
      switch (reader.tag_and_type()) {
        case block(field::value::kName):
          value.name = reader.get_string();
          break;
        case block(field::value::kType):
          type(reader.get_message(), value);
          break;
        default:
          reader.skip();
      }
    }
    return value;
  }

  void type(pbf_reader reader, OnnxValue& value) {
    while (reader.next(field::value::kTensorType, protozero::pbf_wire_type::length_delimited)) {
      pbf_reader tensor = reader.get_message();
      while (tensor.next()) {
        switch (tensor.tag_and_type()) {
          case whole(field::value::kElementType):
            value.element_type = tensor.get_int32();
            break;
          case block(field::value::kShape):
            shape(tensor.get_message(), value);
            break;
          default:
            tensor.skip();
        }
      }
    }
  }

  void shape(pbf_reader reader, OnnxValue& value) {
    while (reader.next(field::value::kDim, protozero::pbf_wire_type::length_delimited)) {
      count();
      OnnxDimension& dim = value.dims.emplace_back();
      pbf_reader inner = reader.get_message();
      while (inner.next()) {
        switch (inner.tag_and_type()) {
          case whole(field::value::kDimValue):
            dim.size = inner.get_int64();
            break;
          case block(field::value::kDimSymbol):
            dim.symbol = inner.get_string();
            break;
          default:
            inner.skip();
        }
      }
    }
  }

  template <typename Range, typename T>
  static void append(const Range& range, std::vector<T>& values) {
    for (const T value : range) values.push_back(value);
  }

  OnnxModel model_;
  int items_ = 0;
};

}  // namespace

std::string shown(const std::string& text) {
  constexpr std::size_t kMost = 80;
  std::string result = text.substr(0, kMost);
  std::replace_if(
      result.begin(), result.end(), [](unsigned char c) { return c < ' ' || c > '~'; }, '?');
  return text.size() > kMost ? result + "..." : result;
}

OnnxModel decode_onnx(std::string_view bytes) {
  try {
    return Decoder().model(pbf_reader(bytes.data(), bytes.size()));
  } catch (const protozero::exception& fault) {
    throw Error(fmt::format("no ONNX file, or one that is damaged or cut off ({})", fault.what()));
  }
}

}  // namespace cloudmask
