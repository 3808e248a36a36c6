// Compiled for AVX2 with FMA (Haswell, Zen and later).
#if defined(__x86_64__)
#include <immintrin.h>

#include "cloudmask/kernels/isa_kernels.h"

namespace cloudmask {
namespace {

struct Avx2Fp32 {
  static constexpr int kLanes = 8;
  static constexpr int kTileRows = 6;  // 12 sums, 2 columns, 1 broadcast of 16 registers
  static constexpr int kPair = 1;
  using Sum = __m256;
  using Words = __m256i;
  using Value = float;

  static Sum zero() { return _mm256_setzero_ps(); }
  static Words no_words() { return _mm256_setzero_si256(); }
  static Words load(const Word* words) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(words)); }
  static Words broadcast(const Word* word) { return _mm256_set1_epi32(static_cast<int>(*word)); }
  static Sum load_floats(const float* values) { return _mm256_loadu_ps(values); }
  static Sum add(Sum a, Sum b) { return _mm256_add_ps(a, b); }
  static Sum relu(Sum a) { return _mm256_max_ps(zero(), a); }  // NaN stays NaN, see Avx512Words
  static Sum multiply_add(Words a, Words b, Sum sum) {
    return _mm256_fmadd_ps(_mm256_castsi256_ps(a), _mm256_castsi256_ps(b), sum);
  }

  static __m256i first(int lanes) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(lanes), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }
  static void store(Value* to, Sum sum, int lanes) { _mm256_maskstore_ps(to, first(lanes), sum); }
  static void store_add(float* to, Sum sum, int lanes) {
    const __m256i mask = first(lanes);
    _mm256_maskstore_ps(to, mask, _mm256_add_ps(sum, _mm256_maskload_ps(to, mask)));
  }
  static void store_words(Word* to, Words words) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), words); }
  static void store_some(Word* to, Words words, int count) {
    _mm256_maskstore_epi32(reinterpret_cast<int*>(to), first(count), words);
  }
  static void store_split(Word* even, Word* odd, Words words) {
    const __m256i parted = _mm256_permutevar8x32_epi32(words, _mm256_setr_epi32(0, 2, 4, 6, 1, 3, 5, 7));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(even), _mm256_castsi256_si128(parted));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(odd), _mm256_extracti128_si256(parted, 1));
  }
  static Words load_values(const Value* values, const Value* gate, int count) {
    __m256i mask = first(count);
    if (gate != nullptr) {
      const __m256 open = _mm256_cmp_ps(_mm256_maskload_ps(gate, mask), zero(), _CMP_GT_OQ);
      mask = _mm256_and_si256(mask, _mm256_castps_si256(open));
    }
    return _mm256_castps_si256(_mm256_maskload_ps(values, mask));
  }

  static void transpose(Words (&m)[8]) {
    Words t[8];
    for (int i = 0; i < 8; i += 2) {
      t[i] = _mm256_unpacklo_epi32(m[i], m[i + 1]);
      t[i + 1] = _mm256_unpackhi_epi32(m[i], m[i + 1]);
    }
    for (int i = 0; i < 8; i += 4) {
      m[i] = _mm256_unpacklo_epi64(t[i], t[i + 2]);
      m[i + 1] = _mm256_unpackhi_epi64(t[i], t[i + 2]);
      m[i + 2] = _mm256_unpacklo_epi64(t[i + 1], t[i + 3]);
      m[i + 3] = _mm256_unpackhi_epi64(t[i + 1], t[i + 3]);
    }
    for (int i = 0; i < 4; ++i) {
      t[i] = _mm256_permute2x128_si256(m[i], m[i + 4], 0x20);
      t[i + 4] = _mm256_permute2x128_si256(m[i], m[i + 4], 0x31);
    }
    for (int i = 0; i < 8; ++i) m[i] = t[i];
  }
  using Key = float;
  static Key key(Value value) { return value; }
  static Value value_of(Key key) { return key; }
  static Key max(Key a, Key b) { return b > a || b != b ? b : a; }
  static float to_float(Value value) { return value; }
  static Value to_value(float number) { return number; }
};

}  // namespace

extern const KernelSet kAvx2Fp32Kernels = make_kernels<Avx2Fp32>("AVX2 fp32", Element::kFloat32);

}  // namespace cloudmask

#endif
