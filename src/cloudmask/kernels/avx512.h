#pragma once

#include <immintrin.h>

#include "cloudmask/kernels/isa_kernels.h"

namespace cloudmask {
namespace {

// What both element types share on AVX-512: 16 words a vector, 32 registers.
struct Avx512Words {
  static constexpr int kLanes = 16;
  static constexpr int kTileRows = 14;  // 28 sums, 2 columns, 1 broadcast of 32 registers
  using Sum = __m512;
  using Words = __m512i;

  static Sum zero() { return _mm512_setzero_ps(); }
  static Words no_words() { return _mm512_setzero_si512(); }
  static Words load(const Word* words) { return _mm512_loadu_si512(words); }
  static Words broadcast(const Word* word) { return _mm512_set1_epi32(static_cast<int>(*word)); }
  static Sum load_floats(const float* values) { return _mm512_loadu_ps(values); }
  static Sum add(Sum a, Sum b) { return _mm512_add_ps(a, b); }
  // The constant comes second: then NaN stays NaN, as in LibTorch, and training notices it.
  static Sum relu(Sum a) { return _mm512_max_ps(zero(), a); }

  static __mmask16 first(int lanes) { return static_cast<__mmask16>((1U << lanes) - 1U); }
  static void store_add(float* to, Sum sum, int lanes) {
    const __mmask16 mask = first(lanes);
    _mm512_mask_storeu_ps(to, mask, _mm512_add_ps(sum, _mm512_maskz_loadu_ps(mask, to)));
  }
  static void store_words(Word* to, Words words) { _mm512_storeu_si512(to, words); }
  // Even lanes to one place, odd ones to the other.
  static void store_split(Word* even, Word* odd, Words words) {
    const __m512i order = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15);
    const __m512i parted = _mm512_permutexvar_epi32(order, words);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(even), _mm512_castsi512_si256(parted));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(odd), _mm512_extracti64x4_epi64(parted, 1));
  }

  static void transpose(Words (&m)[16]) {
    Words t[16];
    for (int i = 0; i < 16; i += 2) {
      t[i] = _mm512_unpacklo_epi32(m[i], m[i + 1]);
      t[i + 1] = _mm512_unpackhi_epi32(m[i], m[i + 1]);
    }
    for (int i = 0; i < 16; i += 4) {
      m[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
      m[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
      m[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
      m[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
    }
    // Quarter q of m[4 r + c] now holds column 4 q + c of rows 4 r to 4 r + 3: exchange quarters and rows.
    for (int c = 0; c < 4; ++c) {
      const Words low01 = _mm512_shuffle_i32x4(m[c], m[4 + c], 0x88);
      const Words low23 = _mm512_shuffle_i32x4(m[8 + c], m[12 + c], 0x88);
      const Words high01 = _mm512_shuffle_i32x4(m[c], m[4 + c], 0xdd);
      const Words high23 = _mm512_shuffle_i32x4(m[8 + c], m[12 + c], 0xdd);
      t[c] = _mm512_shuffle_i32x4(low01, low23, 0x88);
      t[8 + c] = _mm512_shuffle_i32x4(low01, low23, 0xdd);
      t[4 + c] = _mm512_shuffle_i32x4(high01, high23, 0x88);
      t[12 + c] = _mm512_shuffle_i32x4(high01, high23, 0xdd);
    }
    for (int i = 0; i < 16; ++i) m[i] = t[i];
  }
};

}  // namespace
}  // namespace cloudmask
