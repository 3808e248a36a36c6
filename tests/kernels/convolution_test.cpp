#include "cloudmask/kernels/convolution.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <functional>
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

Maps shape(int batch, int height, int width, int channels) {
  return {nullptr, nullptr, batch, height, width, channels};
}

// Sums are fp32; maps of bf16 hold eight bits of them.
double tolerance(const KernelSet& kernels) { return kernels.element == Element::kFloat32 ? 1e-5 : 5e-3; }

// Sum over the kernel at (row, column) of one image, and the sum of the sizes of its terms.
struct TapSum {
  double sum = 0;
  double size = 0;
};
TapSum sum_over_taps(const std::function<double(int row, int column, int channel)>& input, int in_channels,
                     const std::vector<float>& weights, int out_channels, int out) {
  TapSum result;
  for (int tap = 0; tap < 9; ++tap) {
    for (int in = 0; in < in_channels; ++in) {
      const auto index = static_cast<std::size_t>((tap * in_channels + in) * out_channels + out);
      const double product = input(tap / 3 - 1, tap % 3 - 1, in) * weights[index];
      result.sum += product;
      result.size += std::abs(product);
    }
  }
  return result;
}

class ConvolutionTest : public ::testing::TestWithParam<Case> {};

TEST_P(ConvolutionTest, EachProcessorsKernelsGiveTheSumOverTaps) {
  const Case c = GetParam();
  Random random(7);
  for (const KernelSet* kernels : available_kernels()) {
    const TestMaps input(*kernels, shape(c.batch, c.height, c.width, c.in_channels), random);
    TestMaps output(*kernels, shape(c.batch, c.height, c.width, c.out_channels));
    const auto weights = random_weights(static_cast<std::size_t>(9 * c.in_channels * c.out_channels), random);
    const auto bias = random_weights(static_cast<std::size_t>(c.out_channels), random);
    const Workers workers = threads(c.threads);
    convolve(*kernels, {input.maps()},
             WinogradWeights(*kernels, {{weights.data(), c.in_channels, TileKind::kInput}}, c.out_channels, workers),
             {output.data(), bias.data(), true, false}, workers);
    for (int image = 0; image < c.batch; ++image) {
      for (int row = 0; row < c.height; ++row) {
        for (int column = 0; column < c.width; ++column) {
          const int out = (row * c.width + column) % c.out_channels;  // a different one for each pixel
          const TapSum sum =
              sum_over_taps([&](int y, int x, int in) { return input.at(image, row + y, column + x, in); },
                            c.in_channels, weights, c.out_channels, out);
          const double expected = std::max(sum.sum + bias[static_cast<std::size_t>(out)], 0.0);
          ASSERT_NEAR(output.at(image, row, column, out), expected, tolerance(*kernels) * (1 + sum.size))
              << kernels->name << " image " << image << " row " << row << " column " << column << " channel " << out;
        }
      }
    }
  }
}

TEST_P(ConvolutionTest, AnUpSampledInputIsSummedWithOneOfFullSize) {
  const Case c = GetParam();
  const int low_channels = c.in_channels + 3;
  Random random(10);
  for (const KernelSet* kernels : available_kernels()) {
    const TestMaps low(*kernels, shape(c.batch, c.height, c.width, low_channels), random);
    const TestMaps skip(*kernels, shape(c.batch, 2 * c.height, 2 * c.width, c.in_channels), random);
    TestMaps output(*kernels, shape(c.batch, 2 * c.height, 2 * c.width, c.out_channels));
    const auto low_weights = random_weights(static_cast<std::size_t>(9 * low_channels * c.out_channels), random);
    const auto skip_weights = random_weights(static_cast<std::size_t>(9 * c.in_channels * c.out_channels), random);
    const Workers workers = threads(c.threads);
    convolve(*kernels, {low.maps(), skip.maps()},
             WinogradWeights(*kernels,
                             {{low_weights.data(), low_channels, TileKind::kUpsampled},
                              {skip_weights.data(), c.in_channels, TileKind::kInput}},
                             c.out_channels, workers),
             {output.data(), nullptr, false, false}, workers);
    for (int row = 0; row < 2 * c.height; ++row) {
      for (int column = 0; column < 2 * c.width; ++column) {
        const int image = c.batch - 1;
        const int out = (row * c.width + column) % c.out_channels;
        const auto up = [&](int y, int x, int in) {
          return low.at(image, (row + y + 2) / 2 - 1, (column + x + 2) / 2 - 1, in);
        };
        const auto full = [&](int y, int x, int in) { return skip.at(image, row + y, column + x, in); };
        const TapSum of_low = sum_over_taps(up, low_channels, low_weights, c.out_channels, out);
        const TapSum of_skip = sum_over_taps(full, c.in_channels, skip_weights, c.out_channels, out);
        ASSERT_NEAR(output.at(image, row, column, out), of_low.sum + of_skip.sum,
                    tolerance(*kernels) * (1 + of_low.size + of_skip.size))
            << kernels->name << " row " << row << " column " << column << " channel " << out;
      }
    }
  }
}

TEST_P(ConvolutionTest, PairedOutputsAreSummedTwoByTwo) {
  const Case c = GetParam();
  Random random(11);
  for (const KernelSet* kernels : available_kernels()) {
    const TestMaps input(*kernels, shape(c.batch, 2 * c.height, 2 * c.width, c.in_channels), random);
    TestMaps output(*kernels, shape(c.batch, c.height, c.width, c.out_channels));
    const auto weights = random_weights(static_cast<std::size_t>(9 * c.in_channels * c.out_channels), random);
    const Workers workers = threads(c.threads);
    convolve(
        *kernels, {input.maps()},
        WinogradWeights(*kernels, {{weights.data(), c.in_channels, TileKind::kPairedInput}}, c.out_channels, workers),
        {output.data(), nullptr, false, true}, workers);
    for (int row = 0; row < c.height; ++row) {
      for (int column = 0; column < c.width; ++column) {
        const int image = c.batch - 1;
        const int out = (row * c.width + column) % c.out_channels;
        TapSum sum;
        for (int pixel = 0; pixel < 4; ++pixel) {
          const auto at = [&](int y, int x, int in) {
            return input.at(image, 2 * row + pixel / 2 + y, 2 * column + pixel % 2 + x, in);
          };
          const TapSum one = sum_over_taps(at, c.in_channels, weights, c.out_channels, out);
          sum.sum += one.sum;
          sum.size += one.size;
        }
        ASSERT_NEAR(output.at(image, row, column, out), sum.sum, tolerance(*kernels) * (1 + sum.size))
            << kernels->name << " row " << row << " column " << column << " channel " << out;
      }
    }
  }
}

TEST_P(ConvolutionTest, WeightGradientsAreSumsOverPixels) {
  const Case c = GetParam();
  Random random(8);
  for (const KernelSet* kernels : available_kernels()) {
    for (const TileKind kind : {TileKind::kInput, TileKind::kUpsampled}) {
      const int scale = kind == TileKind::kUpsampled ? 2 : 1;
      const int height = scale * c.height;
      const int width = scale * c.width;
      const TestMaps input(*kernels, shape(c.batch, c.height, c.width, c.in_channels), random);
      const TestMaps gradient(*kernels, shape(c.batch, height, width, c.out_channels), random);
      const TestMaps gate(*kernels, shape(c.batch, height, width, c.out_channels), random);
      Maps gated = gradient.maps();
      gated.gate = gate.maps().values;
      const auto sums = weight_gradients(*kernels, input.maps(), kind, gated, threads(c.threads));
      for (int out = 0; out < c.out_channels; ++out) {
        const int in = out % c.in_channels;
        const int tap = out % 9;
        double sum = 0;
        double bias = 0;
        for (int pixel = 0; pixel < c.batch * height * width; ++pixel) {
          const int image = pixel / (height * width);
          const int row = pixel / width % height;
          const int column = pixel % width;
          if (gate.at(image, row, column, out) <= 0) continue;
          const double g = gradient.at(image, row, column, out);
          bias += g;
          sum += g * input.at(image, (row + tap / 3 - 1 + scale) / scale - 1,
                              (column + tap % 3 - 1 + scale) / scale - 1, in);
        }
        const auto index = static_cast<std::size_t>((tap * c.in_channels + in) * c.out_channels + out);
        ASSERT_NEAR(sums.weights[index], sum, 2e-4) << kernels->name << " tap " << tap << " out " << out;
        ASSERT_NEAR(sums.bias[static_cast<std::size_t>(out)], bias, 1e-4) << kernels->name;
      }
    }
  }
}

// Odd sizes, channels that fill no vector and many runs, one and many tiles, more threads than rows.
INSTANTIATE_TEST_SUITE_P(Sizes, ConvolutionTest,
                         ::testing::Values(Case{1, 1, 1, 1, 1, 1}, Case{2, 5, 7, 3, 8, 2}, Case{1, 9, 33, 17, 40, 1},
                                           Case{1, 40, 16, 32, 32, 2}, Case{3, 8, 61, 9, 24, 3},
                                           Case{1, 70, 15, 48, 65, 2}, Case{1, 3, 300, 5, 33, 2},
                                           Case{1, 6, 10, 150, 20, 2}));

TEST(ConvolutionRounding, StaysSmallInLongSums) {
  const int channels = 768;
  const int side = 24;
  Random random(12);
  for (const KernelSet* kernels : available_kernels()) {
    if (kernels->element != Element::kFloat32) continue;  // bf16 maps are rounded more than that
    const TestMaps input(*kernels, shape(1, side, side, channels), random);
    TestMaps output(*kernels, shape(1, side, side, 1));
    const auto weights = random_weights(9 * channels, random);
    convolve(*kernels, {input.maps()},
             WinogradWeights(*kernels, {{weights.data(), channels, TileKind::kInput}}, 1, threads(1)),
             {output.data(), nullptr, false, false}, threads(1));
    double error = 0;
    double size = 0;
    for (int pixel = 0; pixel < side * side; ++pixel) {
      const int row = pixel / side;
      const int column = pixel % side;
      const double sum = sum_over_taps([&](int y, int x, int in) { return input.at(0, row + y, column + x, in); },
                                       channels, weights, 1, 0)
                             .sum;
      error += std::pow(output.at(0, row, column, 0) - sum, 2);
      size += sum * sum;
    }
    EXPECT_LT(std::sqrt(error / size), 2.5e-6) << kernels->name;
  }
}

TEST(WeightGradientTest, SameNumberOfWorkersGivesTheSameBits) {
  Random random(9);
  for (const KernelSet* kernels : available_kernels()) {
    const TestMaps input(*kernels, shape(3, 20, 30, 8), random);
    const TestMaps gradient(*kernels, shape(3, 20, 30, 16), random);
    const auto once = weight_gradients(*kernels, input.maps(), TileKind::kInput, gradient.maps(), threads(2));
    const auto again = weight_gradients(*kernels, input.maps(), TileKind::kInput, gradient.maps(), threads(2));
    EXPECT_EQ(once.weights, again.weights);
  }
}

}  // namespace
}  // namespace cloudmask
