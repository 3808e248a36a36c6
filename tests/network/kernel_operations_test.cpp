#include <gtest/gtest.h>

#include "cloudmask/network/operations.h"

namespace cloudmask {
namespace {

using torch::Tensor;

struct Case {
  torch::ScalarType type;
  int threads;
};

// Values and all gradients of the kernels against LibTorch's operations in fp64.
class KernelOperationsTest : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    torch::manual_seed(3);
    threads_before_ = torch::get_num_threads();
    torch::set_num_threads(GetParam().threads);
  }
  void TearDown() override { torch::set_num_threads(threads_before_); }

  // Rounded to the type under test, so that both sides start from the same numbers.
  Tensor values(at::IntArrayRef shape) const { return torch::randn(shape).to(GetParam().type).to(torch::kFloat64); }
  // fp32 master weights whose values bf16 holds exactly, also when a few are summed.
  static Tensor weights(at::IntArrayRef shape) { return torch::randint(-8, 9, shape).to(torch::kFloat64) / 32; }

  void expect_close(const Tensor& got, const Tensor& wanted) const {
    const double tolerance = GetParam().type == torch::kFloat32 ? 1e-5 : 1e-2;
    ASSERT_EQ(got.sizes(), wanted.sizes());
    EXPECT_LT((got.to(torch::kFloat64) - wanted).norm().item<double>(),
              tolerance * (wanted.norm().item<double>() + 1e-9));
  }

  // `operate` gets tensors in the order of `maps`, then of `parameters`.
  template <typename Operate>
  void compare(const std::vector<Tensor>& maps, const std::vector<Tensor>& parameters, const Operate& operate) const {
    std::vector<Tensor> exact;
    std::vector<Tensor> tested;
    for (const Tensor& map : maps) {
      exact.push_back(map.clone().requires_grad_());
      tested.push_back(map.to(GetParam().type).requires_grad_());
    }
    for (const Tensor& parameter : parameters) {
      exact.push_back(parameter.clone().requires_grad_());
      tested.push_back(parameter.to(torch::kFloat32).requires_grad_());
    }
    const auto wanted = operate(plain_operations(), exact);
    const auto got = operate(kernel_operations(), tested);
    expect_close(got, wanted);
    const auto gradient = values(wanted.sizes());
    wanted.backward(gradient);
    got.backward(gradient.to(got.scalar_type()));
    for (std::size_t i = 0; i < exact.size(); ++i) expect_close(tested[i].grad(), exact[i].grad());
  }

 private:
  int threads_before_ = 1;
};

TEST_P(KernelOperationsTest, AppendedFeaturesEqualTheirTwin) {
  const auto input = torch::randn({2, 9, 13, 7}) * 3;
  const auto weight = torch::randn({8, 9, 1, 1}) * (torch::rand({8, 9, 1, 1}) > 0.5);
  const auto bias = torch::randn({8});
  const auto got = kernel_operations().append_features(input, weight, bias, GetParam().type);
  EXPECT_EQ(got.scalar_type(), GetParam().type);
  const auto wanted = plain_operations().append_features(input.to(torch::kFloat64), weight.to(torch::kFloat64),
                                                         bias.to(torch::kFloat64), torch::kFloat64);
  const double tolerance = GetParam().type == torch::kBFloat16 ? 0.05 : 3e-6;
  EXPECT_LT((got.to(torch::kFloat64) - wanted).abs().max().item<double>(), tolerance);
}

TEST_P(KernelOperationsTest, ConvReluEqualsItsTwin) {
  for (const auto& [batch, in, out, height, width] : std::vector<std::array<std::int64_t, 5>>{
           {1, 17, 32, 9, 37}, {2, 32, 32, 16, 16}, {3, 5, 8, 7, 3}, {1, 8, 72, 1, 40}}) {
    compare({values({batch, in, height, width})}, {weights({out, in, 3, 3}), weights({out})},
            [](const Operations& op, const auto& t) { return op.conv_relu(t[0], t[1], t[2]); });
  }
}

TEST_P(KernelOperationsTest, UpConvReluEqualsItsTwin) {
  for (const auto& [batch, low, skip, out, height, width] : std::vector<std::array<std::int64_t, 6>>{
           {1, 16, 8, 8, 5, 7}, {2, 64, 32, 32, 8, 8}, {1, 7, 3, 40, 1, 19}, {1, 4, 4, 4, 1, 1}}) {
    compare({values({batch, low, height, width}), values({batch, skip, 2 * height, 2 * width})},
            {weights({out, low + skip, 3, 3}), weights({out})},
            [](const Operations& op, const auto& t) { return op.up_conv_relu(t[0], t[1], t[2], t[3]); });
  }
}

TEST_P(KernelOperationsTest, MaxPoolEqualsItsTwin) {
  for (const auto& [batch, channels, height, width] :
       std::vector<std::array<std::int64_t, 4>>{{1, 3, 2, 2}, {2, 32, 16, 10}, {1, 8, 5, 7}}) {
    compare({values({batch, channels, height, width})}, {},
            [](const Operations& op, const auto& t) { return op.max_pool(t[0]); });
  }
}

TEST_P(KernelOperationsTest, EqualValuesSendTheGradientToTheFirst) {
  compare({torch::ones({1, 4, 4, 4}, torch::kFloat64)}, {},
          [](const Operations& op, const auto& t) { return op.max_pool(t[0]); });
}

TEST_P(KernelOperationsTest, HeadEqualsItsTwin) {
  for (const std::int64_t channels : {1, 8, 32, 50}) {
    compare({values({2, channels, 9, 11})}, {weights({1, channels, 1, 1}), weights({1})},
            [](const Operations& op, const auto& t) { return op.head(t[0], t[1], t[2]); });
  }
}

TEST_P(KernelOperationsTest, InputNeedNotBeContiguous) {
  compare({values({2, 16, 9, 40})}, {weights({8, 8, 3, 3}), weights({8})}, [](const Operations& op, const auto& t) {
    return op.conv_relu(t[0].slice(1, 0, 16, 2).slice(3, 3, 36), t[1], t[2]);
  });
}

TEST_P(KernelOperationsTest, NaNGoesThrough) {
  auto x = values({1, 4, 8, 8});
  x.index_put_({0, 1, 3, 3}, std::numeric_limits<double>::quiet_NaN());
  const auto y = kernel_operations().conv_relu(x.to(GetParam().type), weights({8, 4, 3, 3}).to(torch::kFloat32),
                                               torch::zeros({8}));
  EXPECT_TRUE(torch::isnan(y).any().item<bool>());
}

TEST_P(KernelOperationsTest, NoGradientIsComputedForAnInputThatNeedsNone) {
  const auto x = values({1, 4, 8, 8}).to(GetParam().type);
  auto weight = weights({8, 4, 3, 3}).to(torch::kFloat32).requires_grad_();
  auto bias = torch::zeros({8}).requires_grad_();
  kernel_operations().conv_relu(x, weight, bias).sum().backward();
  EXPECT_TRUE(weight.grad().defined());
  EXPECT_FALSE(x.grad().defined());
}

INSTANTIATE_TEST_SUITE_P(Types, KernelOperationsTest,
                         ::testing::Values(Case{torch::kFloat32, 1}, Case{torch::kFloat32, 2},
                                           Case{torch::kBFloat16, 1}, Case{torch::kBFloat16, 2},
                                           Case{torch::kFloat64, 1}));

}  // namespace
}  // namespace cloudmask
