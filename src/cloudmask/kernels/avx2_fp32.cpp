// Compiled for AVX2 with FMA (Haswell, Zen and later).
#if defined(__x86_64__)
#include <immintrin.h>

#include "cloudmask/kernels/isa_fp32_values.h"
#include "cloudmask/kernels/isa_kernels.h"

namespace cloudmask {
namespace {

struct Avx2Fp32 : Fp32Values {
  static constexpr int kLanes = 8;
  static constexpr int kTileRows = 6;  // 12 sums, 2 columns, 1 broadcast of 16 registers
  using Vector = __m256;

  static Vector zero() { return _mm256_setzero_ps(); }
  static Vector broadcast(float value) { return _mm256_set1_ps(value); }
  static Vector load(const float* values) { return _mm256_loadu_ps(values); }
  static void store(float* to, Vector a) { _mm256_storeu_ps(to, a); }
  static Vector add(Vector a, Vector b) { return _mm256_add_ps(a, b); }
  static Vector subtract(Vector a, Vector b) { return _mm256_sub_ps(a, b); }
  static Vector multiply_add(Vector a, Vector b, Vector sum) { return _mm256_fmadd_ps(a, b, sum); }
  static Vector relu(Vector a) { return _mm256_max_ps(zero(), a); }  // NaN stays NaN, see Avx512

  static __m256i first(int lanes) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(lanes), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }
  static Vector load_map(const Value* values, int lanes) {
    return lanes >= kLanes ? load(values) : _mm256_maskload_ps(values, first(lanes));
  }
  static void store_map(Value* to, Vector a, int lanes) {
    if (lanes >= kLanes) return store(to, a);  // masked stores are slow on some processors
    _mm256_maskstore_ps(to, first(lanes), a);
  }
};

}  // namespace

extern const KernelSet kAvx2Fp32Kernels = make_kernels<Avx2Fp32>("AVX2 fp32", Element::kFloat32);

}  // namespace cloudmask

#endif
