// Compiled for AVX-512 without bf16 (Skylake-X and later, Zen 4 and 5).
#if defined(__x86_64__)
#include "cloudmask/kernels/avx512.h"

namespace cloudmask {
namespace {

struct Avx512Fp32 : Avx512 {
  using Value = float;

  static Vector load_map(const Value* values, int lanes) { return _mm512_maskz_loadu_ps(first(lanes), values); }
  static void store_map(Value* to, Vector a, int lanes) { _mm512_mask_storeu_ps(to, first(lanes), a); }
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
