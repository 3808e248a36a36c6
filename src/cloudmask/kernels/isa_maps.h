#pragma once

#include "cloudmask/kernels/isa_multiply.h"

namespace cloudmask {
namespace {

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
