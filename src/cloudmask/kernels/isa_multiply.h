#pragma once

// These isa_*.h are the parts of a KernelSet that are the same for all instruction sets. Each file that includes them
// is compiled for another one, so everything is in an unnamed namespace and nothing of the standard library's inline
// code is used: the linker must not hand one file's instructions to another.

#include "cloudmask/kernels/kernel_set.h"

namespace cloudmask {
namespace {

using Index = std::ptrdiff_t;

// Isa: kLanes, kTileRows, Vector, zero(), broadcast(float), load(const float*), store(float*, Vector), multiply_add(a,
// b, sum), add, subtract, relu; of the maps' elements: Value, load_map(const Value*, lanes),
// store_map(Value*, Vector, lanes).
template <class Isa, int kRows, int kVectors>
void multiply_tile(const Product& product, const Sums& sums) {
  using Vector = typename Isa::Vector;
  Vector tile[kRows][kVectors];
#pragma GCC unroll 16
  for (int i = 0; i < kRows; ++i) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) tile[i][v] = Isa::zero();
  }
  // A pointer for each three rows: the processor's addresses reach the two below.
  constexpr int kPointers = (kRows + 2) / 3;
  const Index row_stride = product.row_stride;
  const float* left[kPointers];
#pragma GCC unroll 16
  for (int i = 0; i < kPointers; ++i) left[i] = product.left + Index{3} * i * row_stride;
  const float* right = product.right;
  const Index right_stride = product.right_stride;
  const Index step = product.step;
  for (Index n = product.count; n > 0; --n) {
    Vector columns[kVectors];
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) columns[v] = Isa::load(right + v * Isa::kLanes);
#pragma GCC unroll 16
    for (int i = 0; i < kRows; ++i) {
      const Vector row = Isa::broadcast(left[i / 3][i % 3 * row_stride]);
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) tile[i][v] = Isa::multiply_add(row, columns[v], tile[i][v]);
    }
#pragma GCC unroll 16
    for (int i = 0; i < kPointers; ++i) left[i] += step;
    right += right_stride;
  }
#pragma GCC unroll 16
  for (int i = 0; i < kRows; ++i) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) {
      float* const to = sums.data + i * sums.row_stride + v * Isa::kLanes;
      Isa::store(to, sums.add ? Isa::add(tile[i][v], Isa::load(to)) : tile[i][v]);
    }
  }
}

template <class Isa, int kRows>
void multiply_rows(const Product& product, const Sums& sums) {
  if constexpr (kRows == 0) {
    return;
  } else {
    if (sums.rows != kRows) return multiply_rows<Isa, kRows - 1>(product, sums);
    if (sums.columns > Isa::kLanes) return multiply_tile<Isa, kRows, 2>(product, sums);
    return multiply_tile<Isa, kRows, 1>(product, sums);
  }
}

template <class Isa>
void multiply(const Product& product, const Sums& sums) {
  multiply_rows<Isa, Isa::kTileRows>(product, sums);
}

}  // namespace
}  // namespace cloudmask
