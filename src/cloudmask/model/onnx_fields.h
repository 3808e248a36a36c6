#pragma once

#include <protozero/types.hpp>

// Numbers of the fields in ONNX' messages: onnx.proto.
namespace cloudmask::onnx_fields {

using protozero::pbf_tag_type;

namespace model {
constexpr pbf_tag_type kIrVersion = 1, kProducerName = 2, kProducerVersion = 3, kGraph = 7, kOpsetImport = 8,
                       kMetadata = 14;
}
namespace opset {
constexpr pbf_tag_type kDomain = 1, kVersion = 2;
}
namespace entry {
constexpr pbf_tag_type kKey = 1, kValue = 2;
}
namespace graph {
constexpr pbf_tag_type kNode = 1, kName = 2, kInitialiser = 5, kInput = 11, kOutput = 12;
}
namespace node {
constexpr pbf_tag_type kInput = 1, kOutput = 2, kName = 3, kOpType = 4, kAttribute = 5, kDomain = 7;
}
namespace attribute {
constexpr pbf_tag_type kName = 1, kFloat = 2, kInt = 3, kString = 4, kTensor = 5, kFloats = 7, kInts = 8, kType = 20;
}
namespace tensor {
constexpr pbf_tag_type kDims = 1, kDataType = 2, kFloatData = 4, kInt64Data = 7, kName = 8, kRawData = 9,
                       kExternalData = 13, kDataLocation = 14;
}
namespace value {
constexpr pbf_tag_type kName = 1, kType = 2, kTensorType = 1, kElementType = 1, kShape = 2, kDim = 1, kDimValue = 1,
                       kDimSymbol = 2;
}

}  // namespace cloudmask::onnx_fields
