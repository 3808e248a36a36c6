#pragma once

// The part of a KernelSet that is the same for all instruction sets. Each file that includes this is compiled for
// another one, so everything is in an unnamed namespace and nothing of the standard library's inline code is used: the
// linker must not hand one file's instructions to another.

#include "cloudmask/kernels/kernel_set.h"

namespace cloudmask {
namespace {

using Index = std::ptrdiff_t;

// Isa: kLanes, kTileRows, Sum, Words, zero(), broadcast(const Word*), load(const Word*), multiply_add(Words, Words,
// Sum), store(element*, Sum, lanes), store_add(float*, Sum, lanes), load_floats(const float*), add, relu.
template <class Isa, int kRows, int kVectors>
void multiply_tile(const Panel* panels, int count, Index left_offset, const TileOutput& output) {
  typename Isa::Sum sums[kRows][kVectors];
#pragma GCC unroll 16
  for (int i = 0; i < kRows; ++i) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) sums[i][v] = Isa::zero();
  }
  for (const Panel* panel = panels; panel != panels + count; ++panel) {
    const Word* left = panel->left + left_offset;
    const Word* right = panel->right;
    const Index left_stride = panel->left_stride;
    const Index right_stride = panel->right_stride;
    for (Index n = panel->count; n > 0; --n) {
      typename Isa::Words columns[kVectors];
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) columns[v] = Isa::load(right + v * Isa::kLanes);
#pragma GCC unroll 16
      for (int i = 0; i < kRows; ++i) {
        const auto row = Isa::broadcast(left + i);
#pragma GCC unroll 2
        for (int v = 0; v < kVectors; ++v) sums[i][v] = Isa::multiply_add(row, columns[v], sums[i][v]);
      }
      left += left_stride;
      right += right_stride;
    }
  }
#pragma GCC unroll 2
  for (int v = 0; v < kVectors; ++v) {
    const int rest = output.columns - v * Isa::kLanes;
    const int lanes = rest < Isa::kLanes ? rest : Isa::kLanes;
    const auto bias = output.bias != nullptr ? Isa::load_floats(output.bias + v * Isa::kLanes) : Isa::zero();
#pragma GCC unroll 16
    for (int i = 0; i < kRows; ++i) {
      const Index at = i * output.row_stride + v * Isa::kLanes;
      if (output.add) {
        Isa::store_add(static_cast<float*>(output.data) + at, sums[i][v], lanes);
        continue;
      }
      auto sum = Isa::add(sums[i][v], bias);
      if (output.relu) sum = Isa::relu(sum);
      Isa::store(static_cast<typename Isa::Value*>(output.data) + at, sum, lanes);
    }
  }
}

template <class Isa, int kRows>
void multiply_rows(const Panel* panels, int count, Index left_offset, int rows, const TileOutput& output) {
  if constexpr (kRows == 0) {
    return;
  } else {
    if (rows != kRows) return multiply_rows<Isa, kRows - 1>(panels, count, left_offset, rows, output);
    if (output.columns > Isa::kLanes) return multiply_tile<Isa, kRows, 2>(panels, count, left_offset, output);
    return multiply_tile<Isa, kRows, 1>(panels, count, left_offset, output);
  }
}

template <class Isa>
void multiply(const Panel* panels, int count, Index left_offset, int rows, const TileOutput& output) {
  multiply_rows<Isa, Isa::kTileRows>(panels, count, left_offset, rows, output);
}

// Zeroes the positions around a row of planes, or all of them when there is no row.
template <class Isa>
void lay_planes(const PlaneRow& row) {
  const Index words = (row.channels + Isa::kPair - 1) / Isa::kPair;
  if (row.pixels == nullptr) {
    for (Index i = 0; i < words * row.plane_words; ++i) row.planes[i] = 0;
    return;
  }
  const auto* pixels = static_cast<const typename Isa::Value*>(row.pixels);
  const auto* gate = static_cast<const typename Isa::Value*>(row.gate);
  constexpr int kBlock = Isa::kLanes;  // square blocks are transposed: pixels to lanes
  for (Index word = 0; word < words; word += kBlock) {
    const Index left = words - word;
    const int block_words = left < kBlock ? static_cast<int>(left) : kBlock;
    const Index first_channel = word * Isa::kPair;
    const Index rest = row.channels - first_channel;
    const int values = rest < kBlock * Isa::kPair ? static_cast<int>(rest) : kBlock * Isa::kPair;
    for (int x = 0; x < row.width; x += kBlock) {
      typename Isa::Words block[kBlock];
      for (int i = 0; i < kBlock; ++i) {
        const Index at = static_cast<Index>(x + i) * row.channels + first_channel;
        block[i] = x + i < row.width ? Isa::load_values(pixels + at, gate == nullptr ? nullptr : gate + at, values)
                                     : Isa::no_words();
      }
      Isa::transpose(block);
      for (int i = 0; i < block_words; ++i) {
        Word* plane = row.planes + (word + i) * row.plane_words;
        if (row.split) {
          Isa::store_split(plane + plane_position(x + 1, true, row.plane_words),
                           plane + plane_position(x + 2, true, row.plane_words), block[i]);
        } else {
          Isa::store_words(plane + plane_position(x + 1, false, row.plane_words), block[i]);
        }
      }
    }
  }
  for (Index i = 0; i < words; ++i) {  // last, since whole vectors were written
    Word* plane = row.planes + i * row.plane_words;
    plane[plane_position(0, row.split, row.plane_words)] = 0;
    plane[plane_position(row.width + 1, row.split, row.plane_words)] = 0;
  }
}

template <class Isa>
void lay_pixels(const PixelRow& row) {
  const auto* pixels = static_cast<const typename Isa::Value*>(row.pixels);
  const auto* gate = static_cast<const typename Isa::Value*>(row.gate);
  constexpr int kValues = Isa::kLanes * (Isa::kPair == 2 ? 2 : 1);
  for (int n = 0; n < row.count; ++n) {
    Word* out = row.words + n * row.stride;
    const int x = row.first + row.step * Isa::kPair * n;
    for (int channel = 0; channel < row.channels; channel += kValues) {
      const int rest = row.channels - channel;
      const int values = rest < kValues ? rest : kValues;
      const auto load = [&](int column) {
        if (pixels == nullptr || column < 0 || column >= row.width) return Isa::no_words();
        const Index at = static_cast<Index>(column) * row.channels + channel;
        return Isa::load_values(pixels + at, gate == nullptr ? nullptr : gate + at, values);
      };
      if constexpr (Isa::kPair == 2) {
        Isa::store_pairs(out + channel, load(x), load(x + row.step), values);
      } else {
        Isa::store_some(out + channel, load(x), values);
      }
    }
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

template <class Isa>
constexpr KernelSet make_kernels(const char* name, Element element) {
  return {name,          element,           Isa::kPair,      Isa::kTileRows, 2 * Isa::kLanes,
          multiply<Isa>, lay_planes<Isa>,   lay_pixels<Isa>, pool<Isa>,      pool_gradient<Isa>,
          head<Isa>,     head_gradient<Isa>};
}

}  // namespace
}  // namespace cloudmask
