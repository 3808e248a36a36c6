#include "cloudmask/model/keras_unet.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "cloudmask/network/unet.h"
#include "support/temporary_folder.h"

namespace cloudmask {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

/// The U-Net's own graph, changed in one place.
class OtherArchitecture : public ::testing::Test {
 protected:
  OtherArchitecture() : model_(json::parse(unet_config(UNet(ModelOptions{.base_filters = 2})->content()))) {}

  json& layer(const std::string& name) {
    for (json& entry : model_["config"]["layers"]) {
      if (entry["name"] == name) return entry;
    }
    ADD_FAILURE() << "no layer " << name;
    return model_;
  }
  json& config(const std::string& name) { return layer(name)["config"]; }

  /// Takes the layer out; what read it reads its input.
  void remove(const std::string& name) {
    const json input = layer(name)["inbound_nodes"][0][0];
    json& layers = model_["config"]["layers"];
    layers.erase(std::find_if(layers.begin(), layers.end(), [&](const json& entry) { return entry["name"] == name; }));
    for (json& entry : layers) {
      for (json& call : entry["inbound_nodes"]) {
        for (json& tensor : call) {
          if (tensor[0] == name) tensor = input;
        }
      }
    }
  }

  KerasUNet match() const { return match_unet(parse_keras_graph(model_.dump())); }
  std::string fault() const {
    return fault_of([&] { match(); });
  }

  json model_;
};

TEST_F(OtherArchitecture, TheGraphUnchangedIsTheUNet) {
  EXPECT_EQ(match().options.base_filters, 2);
  EXPECT_EQ(match().convolutions, unet_layer_names());
}

TEST_F(OtherArchitecture, BilinearUpSamplingIsRefused) {
  config("up2_sample")["interpolation"] = "bilinear";
  EXPECT_THAT(fault(), AllOf(HasSubstr("'up2_sample'"), HasSubstr("interpolation \"bilinear\""), HasSubstr("nearest")));
}

TEST_F(OtherArchitecture, AnotherKernelSizeIsRefused) {
  config("down2_conv1")["kernel_size"] = {5, 5};
  EXPECT_THAT(fault(), AllOf(HasSubstr("'down2_conv1'"), HasSubstr("kernel_size [5,5]"), HasSubstr("[3,3]")));
}

TEST_F(OtherArchitecture, OtherStridesPaddingAndDilationAreRefused) {
  const json unchanged = model_;
  const std::vector<std::pair<std::string, json>> changes{
      {"strides", {2, 2}}, {"padding", "valid"}, {"dilation_rate", {2, 2}}, {"use_bias", false}, {"activation", "elu"}};
  for (const auto& [key, value] : changes) {
    model_ = unchanged;
    config("bottom_conv2")[key] = value;
    EXPECT_THAT(fault(), AllOf(HasSubstr("'bottom_conv2'"), HasSubstr(key + " " + value.dump())));
  }
}

TEST_F(OtherArchitecture, AnotherNumberOfFiltersInOneLayerIsRefused) {
  config("up3_conv2")["filters"] = 9;
  EXPECT_THAT(fault(), AllOf(HasSubstr("'up3_conv2'"), HasSubstr("filters 9"), HasSubstr("wanted 8")));
}

TEST_F(OtherArchitecture, AveragePoolingIsRefused) {
  layer("down3_pool")["class_name"] = "AveragePooling2D";
  EXPECT_THAT(fault(), AllOf(HasSubstr("'down3_pool' (AveragePooling2D)"), HasSubstr("MaxPooling2D")));
}

TEST_F(OtherArchitecture, AMissingConvolutionIsRefused) {
  remove("down1_conv2");
  remove("down1_conv2_relu");
  EXPECT_THAT(fault(), AllOf(HasSubstr("'down1_conv1_relu'"), HasSubstr("'down1_pool' (MaxPooling2D)"),
                             HasSubstr("wanted a Conv2D")));
}

TEST_F(OtherArchitecture, AMissingPoolingIsRefused) {
  remove("down2_pool");
  EXPECT_THAT(fault(), AllOf(HasSubstr("'down2_conv2_relu'"), HasSubstr("wanted a MaxPooling2D")));
}

TEST_F(OtherArchitecture, JoinsInAnotherOrderAreRefused) {
  json& inputs = layer("up1_join")["inbound_nodes"][0];
  std::swap(inputs[0], inputs[1]);
  EXPECT_THAT(fault(), AllOf(HasSubstr("'up1_join'"), HasSubstr("joins"), HasSubstr("wanted [\"up1_sample\"")));
}

TEST_F(OtherArchitecture, AnotherNumberOfChannelsIsRefused) {
  for (json& entry : model_["config"]["layers"]) {
    if (entry["class_name"] == "InputLayer") entry["config"]["batch_input_shape"][3] = 3;
  }
  EXPECT_THAT(fault(), AllOf(HasSubstr("InputLayer"), HasSubstr("null,3]"), HasSubstr("9 or 10]")));
}

TEST_F(OtherArchitecture, ATenthChannelWithoutItsFeaturesIsRefused) {
  model_ = json::parse(
      unet_config(UNet(ModelOptions{.base_filters = 2, .normalisation = Normalisation::kReference})->content()));
  for (json& entry : model_["config"]["layers"]) {
    if (entry["class_name"] == "InputLayer") entry["config"]["batch_input_shape"][3] = 10;
  }
  EXPECT_THAT(fault(), AllOf(HasSubstr("followed by"), HasSubstr("Concatenate")));
}

TEST_F(OtherArchitecture, ASequentialModelIsRefused) {
  model_["class_name"] = "Sequential";
  EXPECT_THAT(fault(), HasSubstr("Sequential"));
}

}  // namespace
}  // namespace cloudmask
