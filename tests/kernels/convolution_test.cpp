#include "cloudmask/kernels/convolution.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <thread>

#include "cloudmask/base/random.h"
#include "cloudmask/kernels/find_kernels.h"
#include "cloudmask/kernels/weight_gradient.h"

namespace cloudmask {
namespace {

// Maps of one element type with their values as fp64.
class TestMaps {
 public:
  TestMaps(const KernelSet& kernels, Maps shape) : kernels_(kernels), shape_(shape) {
    values_.assign(size() * static_cast<std::size_t>(kernels.element_bytes()), 0);
  }
  TestMaps(const KernelSet& kernels, Maps shape, Random& random) : TestMaps(kernels, shape) {
    for (std::size_t i = 0; i < size(); ++i) put(i, static_cast<float>(random.uniform(-1, 1)));
  }

  Maps maps() const {
    Maps maps = shape_;
    maps.values = values_.data();
    return maps;
  }
  void* data() { return values_.data(); }
  // 0 outside.
  double at(int image, int row, int column, int channel) const {
    if (row < 0 || column < 0 || row >= shape_.height || column >= shape_.width) return 0;
    return get(
        static_cast<std::size_t>(((image * shape_.height + row) * shape_.width + column) * shape_.channels + channel));
  }

 private:
  std::size_t size() const {
    return static_cast<std::size_t>(shape_.batch * shape_.height * shape_.width * shape_.channels);
  }
  void put(std::size_t i, float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    if (kernels_.element == Element::kFloat32) {
      reinterpret_cast<float*>(values_.data())[i] = value;
    } else {
      reinterpret_cast<std::uint16_t*>(values_.data())[i] = static_cast<std::uint16_t>(bits >> 16);
    }
  }
  double get(std::size_t i) const {
    if (kernels_.element == Element::kFloat32) return reinterpret_cast<const float*>(values_.data())[i];
    const std::uint32_t bits = reinterpret_cast<const std::uint16_t*>(values_.data())[i];
    return std::bit_cast<float>(bits << 16);
  }

  const KernelSet& kernels_;
  Maps shape_;
  std::vector<char> values_;
};

Workers threads(int count) {
  return {count, [count](const std::function<void(int)>& work) {
            std::vector<std::jthread> others;
            for (int i = 1; i < count; ++i) others.emplace_back(work, i);
            work(0);
          }};
}

std::vector<float> random_weights(std::size_t count, Random& random) {
  std::vector<float> weights(count);
  for (float& weight : weights) {  // with few digits, so that bf16 holds them exactly
    weight = static_cast<float>(std::round(random.uniform(-1, 1) * 64) / 64);
  }
  return weights;
}

struct Case {
  int batch;
  int height;
  int width;
  int in_channels;
  int out_channels;
  int threads;
};

class ConvolutionTest : public ::testing::TestWithParam<Case> {
 protected:
  double tolerance(const KernelSet& kernels) const { return kernels.element == Element::kFloat32 ? 1e-5 : 5e-3; }
};

TEST_P(ConvolutionTest, EachProcessorsKernelsGiveTheSumOverTaps) {
  const Case c = GetParam();
  Random random(7);
  for (const KernelSet* kernels : available_kernels()) {
    const TestMaps input(*kernels, {nullptr, nullptr, c.batch, c.height, c.width, c.in_channels}, random);
    TestMaps output(*kernels, {nullptr, nullptr, c.batch, c.height, c.width, c.out_channels});
    const auto weights = random_weights(static_cast<std::size_t>(9 * c.in_channels * c.out_channels), random);
    const auto bias = random_weights(static_cast<std::size_t>(c.out_channels), random);
    const auto plan = plan_convolution(c.in_channels, c.out_channels);
    std::vector<std::vector<const float*>> taps(1);
    for (int tap = 0; tap < 9; ++tap)
      taps[0].push_back(&weights[static_cast<std::size_t>(tap * c.in_channels * c.out_channels)]);
    const Workers workers = threads(c.threads);
    convolve(*kernels, plan, PackedWeights(*kernels, plan, taps, workers),
             {{input.maps()}, bias.data(), true, output.data()}, workers);

    for (int image = 0; image < c.batch; ++image) {
      for (int row = 0; row < c.height; ++row) {
        for (int column = 0; column < c.width; ++column) {
          const int out = (row * c.width + column) % c.out_channels;  // a different one for each pixel
          double sum = bias[static_cast<std::size_t>(out)];
          double size = std::abs(sum);
          for (int tap = 0; tap < 9; ++tap) {
            for (int in = 0; in < c.in_channels; ++in) {
              const double product = input.at(image, row + tap / 3 - 1, column + tap % 3 - 1, in) *
                                     taps[0][static_cast<std::size_t>(tap)][in * c.out_channels + out];
              sum += product;
              size += std::abs(product);
            }
          }
          ASSERT_NEAR(output.at(image, row, column, out), std::max(sum, 0.0), tolerance(*kernels) * size)
              << kernels->name << " image " << image << " row " << row << " column " << column << " channel " << out;
        }
      }
    }
  }
}

TEST_P(ConvolutionTest, WeightGradientsAreSumsOverPixels) {
  const Case c = GetParam();
  Random random(8);
  for (const KernelSet* kernels : available_kernels()) {
    const TestMaps input(*kernels, {nullptr, nullptr, c.batch, c.height, c.width, c.in_channels}, random);
    const TestMaps gradient(*kernels, {nullptr, nullptr, c.batch, c.height, c.width, c.out_channels}, random);
    const TestMaps gate(*kernels, {nullptr, nullptr, c.batch, c.height, c.width, c.out_channels}, random);
    Maps gated = gradient.maps();
    gated.gate = gate.maps().values;
    const auto sums = weight_gradients(*kernels, plan_convolution(c.in_channels, c.out_channels), input.maps(), gated,
                                       threads(c.threads));
    for (int out = 0; out < c.out_channels; ++out) {
      const int in = out % c.in_channels;
      const int tap = out % 9;
      double sum = 0;
      double bias = 0;
      for (int image = 0; image < c.batch; ++image) {
        for (int row = 0; row < c.height; ++row) {
          for (int column = 0; column < c.width; ++column) {
            if (gate.at(image, row, column, out) <= 0) continue;
            const double g = gradient.at(image, row, column, out);
            bias += g;
            sum += g * input.at(image, row + tap / 3 - 1, column + tap % 3 - 1, in);
          }
        }
      }
      const auto index = static_cast<std::size_t>((tap * c.in_channels + in) * c.out_channels + out);
      ASSERT_NEAR(sums.weights[index], sum, 1e-4) << kernels->name << " tap " << tap << " out " << out;
      ASSERT_NEAR(sums.bias[static_cast<std::size_t>(out)], bias, 1e-4) << kernels->name;
    }
  }
}

// Odd sizes, channels that fill no vector, one and many tiles, more threads than rows.
INSTANTIATE_TEST_SUITE_P(Sizes, ConvolutionTest,
                         ::testing::Values(Case{1, 1, 1, 1, 1, 1}, Case{2, 5, 7, 3, 8, 2}, Case{1, 9, 33, 17, 40, 1},
                                           Case{1, 40, 16, 32, 32, 2}, Case{3, 8, 61, 9, 24, 3},
                                           Case{1, 70, 15, 48, 65, 2}));

TEST(WeightGradientTest, SameNumberOfWorkersGivesTheSameBits) {
  Random random(9);
  for (const KernelSet* kernels : available_kernels()) {
    const TestMaps input(*kernels, {nullptr, nullptr, 3, 20, 30, 8}, random);
    const TestMaps gradient(*kernels, {nullptr, nullptr, 3, 20, 30, 16}, random);
    const auto plan = plan_convolution(8, 16);
    const auto once = weight_gradients(*kernels, plan, input.maps(), gradient.maps(), threads(2));
    const auto again = weight_gradients(*kernels, plan, input.maps(), gradient.maps(), threads(2));
    EXPECT_EQ(once.weights, again.weights);
  }
}

}  // namespace
}  // namespace cloudmask
