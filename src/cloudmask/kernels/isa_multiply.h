#pragma once

// These isa_*.h are the parts of a KernelSet that are the same for all instruction sets. Each file that includes them
// is compiled for another one, so everything is in an unnamed namespace and nothing of the standard library's inline
// code is used: the linker must not hand one file's instructions to another.

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

}  // namespace
}  // namespace cloudmask
