// Compiled for AVX-512 with bf16 (Zen 4 and 5, Cooper Lake, Sapphire Rapids and later).
#if defined(__x86_64__)
#include "cloudmask/kernels/avx512.h"

namespace cloudmask {
namespace {

struct Avx512Bf16 : Avx512 {
  using Value = std::uint16_t;

  static Vector load_map(const Value* values, int lanes) {
    const __m512i bits = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(first(lanes), values));
    return _mm512_castsi512_ps(_mm512_slli_epi32(bits, 16));
  }
  static void store_map(Value* to, Vector a, int lanes) {
    _mm256_mask_storeu_epi16(to, first(lanes), (__m256i)_mm512_cvtneps_pbh(a));
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
