// Compiled for AVX-512 without bf16 (Skylake-X and later, Zen 4 and 5).
#if defined(__x86_64__)
#include "cloudmask/kernels/avx512.h"

namespace cloudmask {
namespace {

struct Avx512Fp32 : Avx512Words {
  static constexpr int kPair = 1;
  using Value = float;

  static Sum multiply_add(Words a, Words b, Sum sum) {
    return _mm512_fmadd_ps(_mm512_castsi512_ps(a), _mm512_castsi512_ps(b), sum);
  }
  static void store(Value* to, Sum sum, int lanes) { _mm512_mask_storeu_ps(to, first(lanes), sum); }
  static Words load_values(const Value* values, const Value* gate, int count) {
    __mmask16 mask = first(count);
    if (gate != nullptr) mask = _mm512_mask_cmp_ps_mask(mask, _mm512_maskz_loadu_ps(mask, gate), zero(), _CMP_GT_OQ);
    return _mm512_castps_si512(_mm512_maskz_loadu_ps(mask, values));
  }
  static void store_some(Word* to, Words words, int count) { _mm512_mask_storeu_epi32(to, first(count), words); }
  using Key = float;
  static Key key(Value value) { return value; }
  static Value value_of(Key key) { return key; }
  static Key max(Key a, Key b) { return b > a || b != b ? b : a; }
  static float to_float(Value value) { return value; }
  static Value to_value(float number) { return number; }
};

}  // namespace

extern const KernelSet kAvx512Fp32Kernels = make_kernels<Avx512Fp32>("AVX-512 fp32", Element::kFloat32);

}  // namespace cloudmask

#endif
