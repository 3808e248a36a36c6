#include "cloudmask/network/unet.h"

#include <gtest/gtest.h>

#include <cmath>

namespace cloudmask {
namespace {

using torch::indexing::Slice;

ModelOptions small(Normalisation normalisation) { return {.base_filters = 2, .normalisation = normalisation}; }

class UNetTest : public ::testing::Test {
 protected:
  void SetUp() override { torch::manual_seed(3); }
};

TEST_F(UNetTest, HasTheReferencesParameters) {
  UNet network(ModelOptions{.base_filters = 32, .normalisation = Normalisation::kReference});
  std::int64_t count = 0;
  for (const auto& parameter : network->parameters()) count += parameter.numel();
  EXPECT_EQ(count, 1'948'609);  // Keras' model.summary() of the reference network
  EXPECT_EQ(network->parameters().size(), 30U);
}

TEST_F(UNetTest, GivesOneLogitAPixelForAnySizeOnThePoolingGrid) {
  for (const auto normalisation : {Normalisation::kReference, Normalisation::kSpectral, Normalisation::kBackground}) {
    UNet network(small(normalisation));
    const auto logits = network->forward(torch::randn({2, input_channels(normalisation), 24, 40}));
    EXPECT_EQ(logits.sizes(), (std::vector<std::int64_t>{2, 1, 24, 40}));
    EXPECT_TRUE(torch::isfinite(logits).all().item<bool>());
  }
}

TEST_F(UNetTest, InitialWeightsAreKerasHeNormal) {
  UNet network(ModelOptions{.base_filters = 32, .normalisation = Normalisation::kReference});
  const auto weight = network->named_parameters()["bottom_conv2_weight"];
  const double deviation = std::sqrt(2.0 / (256 * 9));
  EXPECT_NEAR(weight.std().item<double>(), deviation, 0.02 * deviation);
  EXPECT_LE(weight.abs().max().item<double>(), 2 * deviation / 0.8796 * 1.001);
  EXPECT_EQ(network->named_parameters()["bottom_conv2_bias"].abs().max().item<double>(), 0);
}

TEST_F(UNetTest, NoPixelBeyondTheReceptiveRadiusMatters) {
  UNet network(small(Normalisation::kReference));
  network->to(torch::kFloat64);
  int reach = 0;
  for (const int row : {96, 97, 98, 99, 100, 101, 102, 103}) {
    const auto x = torch::randn({1, 9, 200, 8}, torch::dtype(torch::kFloat64).requires_grad(true));
    network->forward(x, torch::kFloat64)[0][0][row].sum().backward();
    const auto touched = x.grad().abs().sum({0, 1, 3}).nonzero();
    reach = std::max({reach, row - touched.min().item<int>(), touched.max().item<int>() - row});
  }
  EXPECT_EQ(reach, kReceptiveRadius);
}

TEST_F(UNetTest, WeightsSurviveTheWayThroughPlainMemory) {
  for (const auto normalisation : {Normalisation::kReference, Normalisation::kSpectral, Normalisation::kBackground}) {
    UNet network(small(normalisation));
    const ModelContent content = network->content();
    EXPECT_EQ(content.convolutions.size(), unet_layer_names().size());
    UNet copy = make_unet(content);
    const auto x = torch::randn({1, input_channels(normalisation), 16, 16});
    EXPECT_TRUE(torch::equal(network->forward(x), copy->forward(x)));
  }
}

TEST_F(UNetTest, SpectralLayerSeesHalfAKelvinThatTheReferenceScalingHides) {
  const ConvWeights layer = make_spectral_layer(Normalisation::kSpectral);
  const auto feature = [&](int which, const std::vector<float>& x) {
    double sum = layer.bias[static_cast<std::size_t>(which)];
    for (std::size_t c = 0; c < x.size(); ++c) {
      sum += x[c] * layer.kernel[c * static_cast<std::size_t>(layer.out_channels) + static_cast<std::size_t>(which)];
    }
    return std::tanh(sum);
  };
  std::vector<float> x(9, 0.0F);
  x[7] = 1.0F;                 // S8 292 K
  x[6] = x[7] - 2.0F / 22.0F;  // S7 2 K colder: low stratus by night
  EXPECT_NEAR(feature(1, x), std::tanh(-0.5), 1e-5);
  x[3] = 0.02F - 0.5F;  // S4 reflectance of thin cirrus
  EXPECT_NEAR(feature(4, x), std::tanh(0.4), 1e-5);
}

TEST_F(UNetTest, BackgroundLayerSeesHowMuchColderThanTheGroundAPixelIs) {
  const ConvWeights layer = make_spectral_layer(Normalisation::kBackground);
  ASSERT_EQ(layer.in_channels, 10);
  ASSERT_EQ(layer.out_channels, 10);
  const auto weight = [&](std::size_t channel) { return layer.kernel[channel * 10 + 8]; };
  EXPECT_FLOAT_EQ(weight(9), 22.0F / 3.0F);
  EXPECT_FLOAT_EQ(weight(7), -22.0F / 3.0F);
  EXPECT_EQ(layer.bias[8], 0);
}

TEST_F(UNetTest, Bf16AgreesWithFp32) {
  UNet network(small(Normalisation::kSpectral));
  const auto x = torch::randn({1, 9, 32, 32}) * 0.3;
  const auto full = torch::sigmoid(network->forward(x));
  const auto half = torch::sigmoid(network->forward(x, torch::kBFloat16));
  EXPECT_LT((full - half).abs().max().item<double>(), 0.03);
}

}  // namespace
}  // namespace cloudmask
