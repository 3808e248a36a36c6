#pragma once

#include "cloudmask/kernels/isa_multiply.h"

namespace cloudmask {
namespace {

// 1 - 2 / (exp(2 x) + 1), with exp(y) = 2^n 2^f, n an integer, |f| <= 1/2 and 2^f its Taylor series to the sixth power
// (error 1e-7). Written so that loops over it become vectors.
inline float tanh_of(float x) {
  const float limited = x > 9.0F ? 9.0F : x < -9.0F ? -9.0F : x;  // tanh(9) is 1 in fp32; NaN stays NaN
  const float power = limited * 2.8853900818F;                    // 2 log2(e)
  constexpr float kRound = 12582912.0F;                           // 1.5 * 2^23: adding it rounds to an integer
  const float shifted = power + kRound;
  const float f = power - (shifted - kRound);
  std::int32_t n = 0;
  __builtin_memcpy(&n, &shifted, sizeof n);
  const float series =
      1.0F +
      f * (0.6931471806F +
           f * (0.2402265070F + f * (0.0555041087F + f * (0.0096181291F + f * (0.0013333558F + f * 0.0001540353F)))));
  std::uint32_t bits = 0;
  __builtin_memcpy(&bits, &series, sizeof bits);
  bits += static_cast<std::uint32_t>(n) << 23U;  // the low bits of n: times 2^n
  float exponential = 0;
  __builtin_memcpy(&exponential, &bits, sizeof exponential);
  return 1.0F - 2.0F / (exponential + 1.0F);
}

// The pixels of a block become the vectors' lanes.
template <class Isa>
void append_features(const float* pixels, std::int64_t count, const FeatureWeights& features, void* out) {
  constexpr int kBlock = 64;
  const int channels = features.channels;
  const int width = channels + features.features;
  auto* to = static_cast<typename Isa::Value*>(out);
  for (std::int64_t first = 0; first < count; first += kBlock) {
    const int block = count - first < kBlock ? static_cast<int>(count - first) : kBlock;
    const float* from = pixels + first * channels;
    for (int i = 0; i < block; ++i) {
      for (int c = 0; c < channels; ++c) to[i * width + c] = Isa::to_value(from[i * channels + c]);
    }
    for (int f = 0; f < features.features; ++f) {
      float sums[kBlock];
      for (int i = 0; i < kBlock; ++i) sums[i] = features.bias[f];
      for (int c = 0; c < channels; ++c) {
        const float weight = features.weight[c * features.features + f];
        if (weight == 0) continue;  // a feature is made of one or two channels
        for (int i = 0; i < block; ++i) sums[i] += weight * from[i * channels + c];
      }
      for (int i = 0; i < kBlock; ++i) sums[i] = tanh_of(sums[i]);
      for (int i = 0; i < block; ++i) to[i * width + channels + f] = Isa::to_value(sums[i]);
    }
    to += static_cast<Index>(block) * width;
  }
}

// Compares keys: numbers of the values' own width in the same order, so that the loops stay in full vectors. What is
// read and what is written do not overlap: ivdep tells GCC, which does not take it from __restrict on locals.
template <class Isa>
void pool(const PoolRow& row, void* pooled) {
  using Value = typename Isa::Value;
  using Key = typename Isa::Key;
  const int channels = row.channels;
  for (int x = 0; x < row.width; ++x) {
    const Value* a = static_cast<const Value*>(row.upper) + static_cast<Index>(2 * x) * channels;
    const Value* b = static_cast<const Value*>(row.lower) + static_cast<Index>(2 * x) * channels;
    Value* out = static_cast<Value*>(pooled) + static_cast<Index>(x) * channels;
#pragma GCC ivdep
    for (int c = 0; c < channels; ++c) {
      const Key top = Isa::max(Isa::key(a[c]), Isa::key(a[c + channels]));
      const Key bottom = Isa::max(Isa::key(b[c]), Isa::key(b[c + channels]));
      out[c] = Isa::value_of(Isa::max(top, bottom));
    }
  }
}

// Finding again which of the four is largest costs less than reading two bits for it, and needs no memory: the backward
// pass of the convolution before keeps these values anyway.
template <class Isa>
void pool_gradient(const PoolRow& row, const void* pooled_gradient, void* upper_gradient, void* lower_gradient) {
  using Value = typename Isa::Value;
  using Key = typename Isa::Key;
  const int channels = row.channels;
  for (int x = 0; x < row.width; ++x) {
    const Index at = static_cast<Index>(2 * x) * channels;
    const Value* a = static_cast<const Value*>(row.upper) + at;
    const Value* b = static_cast<const Value*>(row.lower) + at;
    const Value* g = static_cast<const Value*>(pooled_gradient) + static_cast<Index>(x) * channels;
    Value* to_upper = static_cast<Value*>(upper_gradient) + at;
    Value* to_lower = static_cast<Value*>(lower_gradient) + at;
#pragma GCC ivdep
    for (int c = 0; c < channels; ++c) {
      const Key a0 = Isa::key(a[c]);
      const Key a1 = Isa::key(a[c + channels]);
      const Key b0 = Isa::key(b[c]);
      const Key b1 = Isa::key(b[c + channels]);
      const Key top = Isa::max(a0, a1);
      const Key bottom = Isa::max(b0, b1);
      const Value from_top = bottom > top ? Value{} : g[c];
      const Value from_bottom = bottom > top ? g[c] : Value{};
      to_upper[c] = a1 > a0 ? Value{} : from_top;
      to_upper[c + channels] = a1 > a0 ? from_top : Value{};
      to_lower[c] = b1 > b0 ? Value{} : from_bottom;
      to_lower[c + channels] = b1 > b0 ? from_bottom : Value{};
    }
  }
}

template <class Isa>
void head(const void* pixels, std::int64_t count, int channels, const float* weight, float bias, float* logits) {
  const auto* values = static_cast<const typename Isa::Value*>(pixels);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto* pixel = values + i * channels;
    float sums[Isa::kLanes] = {};
    int c = 0;
    for (; c + Isa::kLanes <= channels; c += Isa::kLanes) {
      for (int lane = 0; lane < Isa::kLanes; ++lane) sums[lane] += Isa::to_float(pixel[c + lane]) * weight[c + lane];
    }
    float sum = bias;
    for (; c < channels; ++c) sum += Isa::to_float(pixel[c]) * weight[c];
    for (int half = Isa::kLanes / 2; half > 0; half /= 2) {
      for (int lane = 0; lane < half; ++lane) sums[lane] += sums[lane + half];
    }
    logits[i] = sum + sums[0];
  }
}

template <class Isa>
void head_gradient(const void* pixels, const float* gradient, std::int64_t count, int channels, const float* weight,
                   void* input_gradient, float* weight_gradient) {
  const auto* values = static_cast<const typename Isa::Value*>(pixels);
  auto* __restrict out = static_cast<typename Isa::Value*>(input_gradient);
  float* __restrict sums = weight_gradient;
  for (std::int64_t i = 0; i < count; ++i) {
    const float g = gradient[i];
    const auto* pixel = values + i * channels;
    for (int c = 0; c < channels; ++c) {
      out[i * channels + c] = Isa::to_value(g * weight[c]);
      sums[c] += g * Isa::to_float(pixel[c]);
    }
  }
}

}  // namespace
}  // namespace cloudmask
