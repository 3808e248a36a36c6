#include "cloudmask/tensor/device.h"

#include <ATen/DeviceAccelerator.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/DeviceGuard.h>
#include <fmt/format.h>

#include <charconv>

#include "cloudmask/base/error.h"
#include "cloudmask/base/parallel_for.h"
#include "cloudmask/kernels/find_kernels.h"

namespace cloudmask {

int count_gpus() { return torch::cuda::is_available() ? static_cast<int>(torch::cuda::device_count()) : 0; }

namespace {

torch::Device choose_device(const std::string& wanted) {
  const int gpus = count_gpus();
  if (wanted == "cpu" || (wanted == "auto" && gpus == 0)) return torch::kCPU;
  int index = 0;
  if (wanted.starts_with("cuda:")) {
    const char* end = wanted.data() + wanted.size();
    const auto [stop, fault] = std::from_chars(wanted.data() + 5, end, index);
    if (fault != std::errc{} || stop != end || index < 0) {
      throw UsageError(fmt::format("device: '{}' is none of auto, cpu, cuda, cuda:N", wanted));
    }
  } else if (wanted != "auto" && wanted != "cuda") {
    throw UsageError(fmt::format("device: '{}' is none of auto, cpu, cuda, cuda:N", wanted));
  }
  if (index >= gpus) {
    throw UsageError(
        fmt::format("device: '{}' asked for, but this LibTorch ({}) finds {} GPUs; use device: auto or cpu", wanted,
                    TORCH_VERSION, gpus));
  }
  return {torch::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

bool has_bf16(const torch::Device& device) {
  if (!device.is_cuda()) return cpu_has_bf16();
  const c10::DeviceGuard guard(device);  // LibTorch asks the current one for compute capability 8.0
  return at::detail::getCUDAHooks().supportsBFloat16ConvolutionWithCuDNNv8();
}

}  // namespace

bool cpu_has_bf16() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512bf16") != 0;
#else
  return false;
#endif
}

namespace {

void choose_kernels(Kernels wanted, ComputeTarget& target) {
  const bool bf16 = target.precision == Precision::kBf16;
  const KernelSet* const kernels = find_kernels(bf16 ? Element::kBFloat16 : Element::kFloat32);
  if (wanted == Kernels::kPlain) {
    target.kernels = "LibTorch's, as configured";
  } else if (!target.device.is_cpu()) {
    target.kernels = "LibTorch's, which run on GPUs";
  } else if (bf16 && processor_has_amx_bf16()) {
    target.kernels = "LibTorch's, which use this processor's AMX";
  } else if (kernels == nullptr) {
    target.kernels = "LibTorch's, since there are no others for this processor and precision";
  } else {
    target.own_kernels = true;
    target.kernels = kernels->name;
  }
}

}  // namespace

ComputeTarget choose_target(const MachineOptions& options) {
  ComputeTarget target;
  target.device = choose_device(options.device);
  target.precision = options.precision;
  const bool without_avx512 = target.device.is_cpu() && options.kernels == Kernels::kAvx2;
  if (without_avx512) forgo_avx512();
  if (target.precision == Precision::kAuto) {
    target.precision = has_bf16(target.device) && !without_avx512 ? Precision::kBf16 : Precision::kFp32;
  }
  choose_kernels(options.kernels, target);
  target.threads = threads_asked_for(options.threads);
  torch::set_num_threads(target.threads);
  return target;
}

std::int64_t free_memory_bytes(const torch::Device& accelerator) {
  CM_CHECK(!accelerator.is_cpu());
  return static_cast<std::int64_t>(at::accelerator::getMemoryInfo(accelerator.index()).first);
}

std::int64_t peak_device_memory_bytes(const torch::Device& device) {
  if (device.is_cpu()) return 0;
  constexpr std::size_t kOfAllKinds = 0;
  return at::accelerator::getDeviceStats(device.index()).reserved_bytes.at(kOfAllKinds).peak;
}

torch::ScalarType compute_type(const ComputeTarget& target) {
  return target.precision == Precision::kBf16 ? torch::kBFloat16 : torch::kFloat32;
}

void seed_torch(std::uint64_t seed, bool deterministic) {
  torch::manual_seed(seed);
  torch::globalContext().setDeterministicAlgorithms(deterministic, false);
  torch::globalContext().setBenchmarkCuDNN(!deterministic);
}

}  // namespace cloudmask
