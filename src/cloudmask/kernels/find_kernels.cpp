#include "cloudmask/kernels/find_kernels.h"

#include <atomic>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace cloudmask {
namespace {

std::atomic<bool> avx512_forgone{false};

}  // namespace

#if defined(__x86_64__)
extern const KernelSet kAvx512Bf16Kernels;
extern const KernelSet kAvx512Fp32Kernels;
extern const KernelSet kAvx2Fp32Kernels;
#endif

std::vector<const KernelSet*> available_kernels() {
  std::vector<const KernelSet*> found;
#if defined(__x86_64__)
  const bool avx512 = __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
                      __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512dq") != 0;
  if (avx512 && __builtin_cpu_supports("avx512bf16") != 0) found.push_back(&kAvx512Bf16Kernels);
  if (avx512) found.push_back(&kAvx512Fp32Kernels);
  if (__builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0) found.push_back(&kAvx2Fp32Kernels);
#endif
  return found;
}

bool processor_has_amx_bf16() {
#if defined(__x86_64__)
  constexpr unsigned kAmxBf16 = 1U << 22U;  // CPUID 7.0 EDX; __builtin_cpu_supports knows it from GCC 13 on only
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (d & kAmxBf16) != 0;
#else
  return false;
#endif
}

void forgo_avx512() { avx512_forgone = true; }

const KernelSet* find_kernels(Element element) {
  for (const KernelSet* kernels : available_kernels()) {
    if (kernels->element == element && !(kernels->needs_avx512 && avx512_forgone)) return kernels;
  }
  return nullptr;
}

}  // namespace cloudmask
