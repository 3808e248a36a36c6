#include "cloudmask/network/operations.h"

#include <gtest/gtest.h>

namespace cloudmask {
namespace {

// The definition of a "same" 3x3 convolution, written out.
torch::Tensor convolve_by_hand(const torch::Tensor& input, const torch::Tensor& weight, const torch::Tensor& bias) {
  const auto padded = torch::constant_pad_nd(input, {1, 1, 1, 1});
  auto output = bias.view({1, -1, 1, 1}).expand({input.size(0), -1, input.size(2), input.size(3)}).clone();
  for (int row = 0; row < 3; ++row) {
    for (int column = 0; column < 3; ++column) {
      const auto part = padded.slice(2, row, row + input.size(2)).slice(3, column, column + input.size(3));
      output += torch::einsum("nchw,oc->nohw", {part, weight.select(3, column).select(2, row)});
    }
  }
  return output;
}

class OperationsTest : public ::testing::Test {
 protected:
  void SetUp() override { torch::manual_seed(1); }
  const Operations& op_ = plain_operations();
};

TEST_F(OperationsTest, ConvReluIsReluOfSameConvolution) {
  const auto x = torch::randn({2, 3, 6, 10}, torch::kFloat64);
  const auto weight = torch::randn({4, 3, 3, 3}, torch::kFloat64);
  const auto bias = torch::randn({4}, torch::kFloat64);
  EXPECT_TRUE(torch::allclose(op_.conv_relu(x, weight, bias), torch::relu(convolve_by_hand(x, weight, bias))));
}

TEST_F(OperationsTest, UpConvReluRepeatsEachPixelAndPutsSkipBehind) {
  const auto low = torch::randn({1, 2, 3, 5}, torch::kFloat64);
  const auto skip = torch::randn({1, 3, 6, 10}, torch::kFloat64);
  const auto weight = torch::randn({4, 5, 3, 3}, torch::kFloat64);
  const auto bias = torch::randn({4}, torch::kFloat64);
  const auto up = low.repeat_interleave(2, 2).repeat_interleave(2, 3);
  const auto expected = torch::relu(convolve_by_hand(torch::cat({up, skip}, 1), weight, bias));
  EXPECT_TRUE(torch::allclose(op_.up_conv_relu(low, skip, weight, bias), expected));
}

TEST_F(OperationsTest, MaxPoolTakesTheLargestOfTwoByTwo) {
  const auto x = torch::arange(16, torch::kFloat32).view({1, 1, 4, 4});
  EXPECT_TRUE(torch::equal(op_.max_pool(x), torch::tensor({{{{5.F, 7.F}, {13.F, 15.F}}}})));
}

TEST_F(OperationsTest, HeadComputesLogitsInFullPrecision) {
  const auto x = torch::randn({1, 8, 4, 4}).to(torch::kBFloat16);
  const auto weight = torch::randn({1, 8, 1, 1});
  const auto bias = torch::randn({1});
  const auto logits = op_.head(x, weight, bias);
  EXPECT_EQ(logits.scalar_type(), torch::kFloat32);
  const auto expected = (x.to(torch::kFloat32) * weight).sum(1, true) + bias;
  EXPECT_TRUE(torch::allclose(logits, expected, 1e-5, 1e-6));
}

TEST_F(OperationsTest, Bf16FollowsFp32WithMasterWeights) {
  const auto x = torch::randn({1, 8, 16, 16});
  const auto weight = torch::randn({8, 8, 3, 3}).mul_(0.1).requires_grad_();
  const auto bias = torch::zeros({8}).requires_grad_();
  const auto full = op_.conv_relu(x, weight, bias);
  const auto half = op_.conv_relu(x.to(torch::kBFloat16), weight, bias);
  EXPECT_EQ(half.scalar_type(), torch::kBFloat16);
  EXPECT_TRUE(torch::allclose(half.to(torch::kFloat32), full, 0.05, 0.05));
  half.to(torch::kFloat32).sum().backward();
  EXPECT_EQ(weight.grad().scalar_type(), torch::kFloat32);
}

}  // namespace
}  // namespace cloudmask
