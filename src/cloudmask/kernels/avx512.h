#pragma once

#include <immintrin.h>

#include "cloudmask/kernels/isa_kernels.h"

namespace cloudmask {
namespace {

// What both element types share on AVX-512: 16 lanes, 32 registers.
struct Avx512 {
  static constexpr int kLanes = 16;
  static constexpr int kTileRows = 14;  // 28 sums, 2 columns, 1 broadcast of 32 registers
  using Vector = __m512;

  static Vector zero() { return _mm512_setzero_ps(); }
  static Vector broadcast(float value) { return _mm512_set1_ps(value); }
  static Vector load(const float* values) { return _mm512_loadu_ps(values); }
  static void store(float* to, Vector a) { _mm512_storeu_ps(to, a); }
  static Vector add(Vector a, Vector b) { return _mm512_add_ps(a, b); }
  static Vector subtract(Vector a, Vector b) { return _mm512_sub_ps(a, b); }
  static Vector multiply_add(Vector a, Vector b, Vector sum) { return _mm512_fmadd_ps(a, b, sum); }
  // The constant comes second: then NaN stays NaN, as in LibTorch, and training notices it.
  static Vector relu(Vector a) { return _mm512_max_ps(zero(), a); }

  static __mmask16 first(int lanes) { return static_cast<__mmask16>((1U << lanes) - 1U); }
};

}  // namespace
}  // namespace cloudmask
