// Compiled for AVX-512 without bf16 (Skylake-X and later, Zen 4 and 5).
#if defined(__x86_64__)
#include "cloudmask/kernels/avx512.h"
#include "cloudmask/kernels/isa_fp32_values.h"

namespace cloudmask {
namespace {

struct Avx512Fp32 : Avx512, Fp32Values {
  static Vector load_map(const Value* values, int lanes) { return _mm512_maskz_loadu_ps(first(lanes), values); }
  static void store_map(Value* to, Vector a, int lanes) { _mm512_mask_storeu_ps(to, first(lanes), a); }
};

}  // namespace

extern const KernelSet kAvx512Fp32Kernels = make_kernels<Avx512Fp32>("AVX-512 fp32", Element::kFloat32);

}  // namespace cloudmask

#endif
