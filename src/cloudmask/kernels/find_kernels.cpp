#include "cloudmask/kernels/find_kernels.h"

namespace cloudmask {

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

const KernelSet* find_kernels(Element element) {
  for (const KernelSet* kernels : available_kernels()) {
    if (kernels->element == element) return kernels;
  }
  return nullptr;
}

}  // namespace cloudmask
