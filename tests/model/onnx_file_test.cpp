#include "cloudmask/model/onnx_file.h"

#include <gmock/gmock.h>

#include <random>

#include "cloudmask/base/files.h"
#include "cloudmask/model/onnx_unet.h"
#include "cloudmask/network/unet.h"
#include "support/temporary_folder.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

const fs::path kBaseline = fs::path(CLOUDMASK_SOURCE_DIR) / "tests/baseline";

void expect_same_weights(const ModelContent& a, const ModelContent& b) {
  ASSERT_EQ(a.convolutions.size(), b.convolutions.size());
  for (std::size_t i = 0; i < a.convolutions.size(); ++i) {
    EXPECT_EQ(a.convolutions[i].kernel, b.convolutions[i].kernel) << unet_layer_names()[i];
    EXPECT_EQ(a.convolutions[i].bias, b.convolutions[i].bias) << unet_layer_names()[i];
  }
  EXPECT_EQ(a.spectral.kernel, b.spectral.kernel);
  EXPECT_EQ(a.spectral.bias, b.spectral.bias);
}

class OnnxFile : public ::testing::Test {
 protected:
  static ModelContent content_of(Normalisation normalisation) {
    torch::manual_seed(4);
    ModelContent content = UNet(ModelOptions{.base_filters = 2, .normalisation = normalisation})->content();
    content.notes = {.threshold = 0.4, .written_by = "cloudmask test", .training = {{"epochs", "7"}}};
    return content;
  }
  std::string bytes() const { return read_file(file_); }

  TemporaryFolder folder_;
  fs::path file_ = folder_ / "model.onnx";
};

TEST_F(OnnxFile, EveryKindOfInputComesBackBitForBit) {
  for (const auto normalisation : {Normalisation::kReference, Normalisation::kSpectral, Normalisation::kBackground}) {
    const ModelContent content = content_of(normalisation);
    write_onnx_model(file_, content);
    const ModelContent read = read_onnx_model(file_);
    expect_same_weights(read, content);
    EXPECT_EQ(read.options.normalisation, normalisation);
    EXPECT_EQ(read.options.base_filters, 2);
    EXPECT_EQ(read.notes.threshold, 0.4);
    EXPECT_EQ(read.notes.written_by, "cloudmask test");
    EXPECT_EQ(read.notes.training, content.notes.training);
  }
}

TEST_F(OnnxFile, WhatPyTorchExportsIsTheNetworkOfTheKerasFile) {
  const ModelContent wanted = read_model(kBaseline / "keras/keras3.h5");
  for (const char* name : {"torch.onnx", "torch_dynamo.onnx"}) {
    SCOPED_TRACE(name);
    const ModelContent read = read_onnx_model(kBaseline / "onnx" / name);
    expect_same_weights(read, wanted);
    EXPECT_EQ(read.options.normalisation, Normalisation::kReference);
    EXPECT_EQ(read.notes.written_by, "");
  }
}

TEST_F(OnnxFile, AnyTruncationIsAnError) {
  write_onnx_model(file_, content_of(Normalisation::kBackground));
  const std::string whole = bytes();
  // The graph ends where the operator set and the notes begin; without notes the rest is a graph of another program.
  const std::size_t graph_end = whole.rfind("cloudmask_format_version");
  for (std::size_t length = 0; length < graph_end; length += whole.size() / 200) {
    write_file_atomically(file_, whole.substr(0, length));
    EXPECT_THROW(read_onnx_model(file_), Error) << length << " of " << whole.size();
  }
}

TEST_F(OnnxFile, DamagedBytesAreRefusedOrGiveAWholeModel) {
  write_onnx_model(file_, content_of(Normalisation::kBackground));
  const std::string whole = bytes();
  std::mt19937 random(1);
  for (int trial = 0; trial < 200; ++trial) {
    std::string damaged = whole;
    for (int i = 0; i < 1 + trial % 4; ++i) damaged[random() % damaged.size()] = static_cast<char>(random());
    if (trial % 3 == 0) damaged.erase(random() % damaged.size(), random() % 64);
    try {
      const ModelContent read = match_onnx_unet(decode_onnx(damaged));
      write_model(folder_ / "read.h5", read);  // aborts on shapes that do not fit
    } catch (const Error&) {                   // refused: as good
    }
  }
}

TEST_F(OnnxFile, TheFilesNameIsInEveryRefusal) {
  write_file_atomically(file_, "rubbish");
  EXPECT_THAT(fault_of([&] { read_onnx_model(file_); }), AllOf(HasSubstr("model.onnx"), HasSubstr("no ONNX file")));
  EXPECT_THAT(fault_of([&] { read_onnx_model(folder_.path()); }), HasSubstr("not a file"));
  EXPECT_THAT(fault_of([&] { read_onnx_model(kBaseline / "keras/keras3.h5"); }), HasSubstr("keras3.h5"));
}

TEST_F(OnnxFile, ASmallFileOfManyNodesDoesNotTakeMuchMemory) {
  // A graph of a million empty nodes: two bytes each.
  std::string nodes;
  for (int i = 0; i < 1'000'000; ++i) nodes += std::string("\x0a\x00", 2);
  EXPECT_THAT(fault_of([&] { decode_onnx(std::string("\x3a\x80\x89\x7a", 4) + nodes); }), HasSubstr("more than"));
}

/// The network as another program may write it: changed in one place.
class ForeignGraph : public ::testing::Test {
 protected:
  ForeignGraph() : model_(decode_onnx(read_file(kBaseline / "onnx/torch.onnx"))) {}

  OnnxNode& made(const std::string& op_type, std::size_t which) {
    for (OnnxNode& node : model_.nodes) {
      if (node.op_type == op_type && which-- == 0) return node;
    }
    throw std::out_of_range(op_type);
  }
  static void set(OnnxNode& node, const std::string& name, const OnnxAttribute::Value& value) {
    std::erase_if(node.attributes, [&](const OnnxAttribute& attribute) { return attribute.name == name; });
    if (value.index() > 0) node.attributes.push_back({name, value});
  }
  std::string fault() const {
    return fault_of([&] { match_onnx_unet(model_); });
  }

  OnnxModel model_;
};

TEST_F(ForeignGraph, EqualWaysToWriteALayerAreTaken) {
  const ModelContent wanted = match_onnx_unet(model_);
  set(made("Conv", 2), "pads", {});
  set(made("Conv", 2), "auto_pad", std::string("SAME_UPPER"));
  set(made("Conv", 3), "dilations", {});
  set(made("MaxPool", 0), "pads", {});
  set(made("Concat", 0), "axis", std::int64_t{-3});
  set(made("Resize", 0), "coordinate_transformation_mode", std::string("half_pixel"));
  set(made("Resize", 0), "nearest_mode", {});
  model_.nodes.push_back({"same", "Identity", "", {made("Relu", 1).outputs[0]}, {"same"}, {}});
  made("MaxPool", 0).inputs[0] = "same";
  model_.inputs.push_back({model_.initialisers[0].name, kOnnxFloat, {}});  // as files of old do
  expect_same_weights(match_onnx_unet(model_), wanted);
}

TEST_F(ForeignGraph, UpSamplingThatMovesPixelsIsRefused) {
  set(made("Resize", 1), "nearest_mode", std::string("ceil"));
  EXPECT_THAT(fault(), AllOf(HasSubstr("(Resize) has nearest_mode \"ceil\""), HasSubstr("\"floor\"")));
  set(made("Resize", 1), "nearest_mode", std::string("floor"));
  set(made("Resize", 1), "coordinate_transformation_mode", std::string("align_corners"));
  EXPECT_THAT(fault(), HasSubstr("\"align_corners\""));
}

TEST_F(ForeignGraph, ScalesOfAxesInAnotherOrderAreRefused) {
  const ModelContent wanted = match_onnx_unet(model_);
  set(made("Resize", 1), "axes", std::vector<std::int64_t>{0, 1, 2, 3});
  expect_same_weights(match_onnx_unet(model_), wanted);
  set(made("Resize", 1), "axes", std::vector<std::int64_t>{2, 3, 0, 1});
  EXPECT_THAT(fault(), AllOf(HasSubstr("(Resize) has axes [2,3,0,1]"), HasSubstr("[0,1,2,3]")));
}

TEST_F(ForeignGraph, PoolingThatOverlapsIsRefused) {
  set(made("MaxPool", 1), "strides", {});
  EXPECT_THAT(fault(), AllOf(HasSubstr("(MaxPool) has strides"), HasSubstr("[2,2]")));
}

TEST_F(ForeignGraph, LogitsAreRefused) {
  model_.outputs[0].name = made("Sigmoid", 0).inputs[0];
  EXPECT_THAT(fault(), AllOf(HasSubstr("(Conv)"), HasSubstr("wanted a Sigmoid")));
}

TEST_F(ForeignGraph, AConvolutionWithoutBiasIsRefused) {
  made("Conv", 4).inputs.pop_back();
  EXPECT_THAT(fault(), HasSubstr("has no input 3"));
}

TEST_F(ForeignGraph, SkippedMapsOfAnotherLevelAreRefused) {
  std::swap(made("Concat", 1).inputs[1], made("Concat", 2).inputs[1]);
  EXPECT_THAT(fault(), HasSubstr("joined"));
}

TEST_F(ForeignGraph, AnotherInputIsRefused) {
  model_.inputs[0].dims[1].size = 3;
  EXPECT_THAT(fault(), HasSubstr("wanted [N,9,H,W]"));
  model_.inputs[0].dims[1].size = 9;
  model_.inputs[0].element_type = 10;
  EXPECT_THAT(fault(), HasSubstr("type 10"));
}

}  // namespace
}  // namespace cloudmask
