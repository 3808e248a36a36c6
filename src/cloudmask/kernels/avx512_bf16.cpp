// Compiled for AVX-512 with bf16 (Zen 4 and 5, Cooper Lake, Sapphire Rapids and later).
#if defined(__x86_64__)
#include "cloudmask/kernels/avx512.h"

namespace cloudmask {
namespace {

struct Avx512Bf16 : Avx512Words {
  static constexpr int kPair = 2;
  using Value = std::uint16_t;

  static Sum multiply_add(Words a, Words b, Sum sum) { return _mm512_dpbf16_ps(sum, (__m512bh)a, (__m512bh)b); }

  static void store(Value* to, Sum sum, int lanes) {
    _mm256_mask_storeu_epi16(to, first(lanes), (__m256i)_mm512_cvtneps_pbh(sum));
  }
  static Words load_values(const Value* values, const Value* gate, int count) {
    auto mask = static_cast<__mmask32>((std::uint64_t{1} << count) - 1);
    // A positive bf16 is a positive integer.
    if (gate != nullptr) mask = _mm512_mask_cmpgt_epi16_mask(mask, _mm512_maskz_loadu_epi16(mask, gate), no_words());
    return _mm512_maskz_loadu_epi16(mask, values);
  }
  // Word i of the result is (a[i], b[i]), for 32 channels.
  static void store_pairs(Word* to, Words a, Words b, int count) {
    const __m512i low = _mm512_unpacklo_epi16(a, b);
    const __m512i high = _mm512_unpackhi_epi16(a, b);
    const __m512i front = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
    const __m512i back = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
    const auto mask = static_cast<std::uint32_t>((std::uint64_t{1} << count) - 1);
    _mm512_mask_storeu_epi32(to, static_cast<__mmask16>(mask), _mm512_permutex2var_epi64(low, front, high));
    _mm512_mask_storeu_epi32(to + 16, static_cast<__mmask16>(mask >> 16), _mm512_permutex2var_epi64(low, back, high));
  }

  // Integers in the order of the numbers: the bits of negative ones are turned round.
  using Key = std::int16_t;
  static Key key(Value value) {
    const auto bits = static_cast<std::int16_t>(value);
    return static_cast<Key>(bits ^ ((bits >> 15) & 0x7fff));
  }
  static Value value_of(Key key) { return static_cast<Value>(key ^ ((key >> 15) & 0x7fff)); }
  static Key max(Key a, Key b) { return b > a ? b : a; }
  static float to_float(Value value) {
    const std::uint32_t bits = static_cast<std::uint32_t>(value) << 16;
    float number = 0;
    __builtin_memcpy(&number, &bits, sizeof number);
    return number;
  }
  // To the nearest, ties to even; a NaN stays one.
  static Value to_value(float number) {
    std::uint32_t bits = 0;
    __builtin_memcpy(&bits, &number, sizeof bits);
    const std::uint32_t rounded = (bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16;
    return static_cast<Value>((bits & 0x7fffffffU) > 0x7f800000U ? 0x7fc0U : rounded);
  }
};

}  // namespace

extern const KernelSet kAvx512Bf16Kernels = make_kernels<Avx512Bf16>("AVX-512 bf16", Element::kBFloat16);

}  // namespace cloudmask

#endif
