#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>

#include "cloudmask/config/options.h"

namespace cloudmask {

/// Where tensors live and in which precision the convolutions run. Master weights, reductions and the loss are fp32
/// in both.
struct ComputeTarget {
  torch::Device device = torch::kCPU;
  Precision precision = Precision::kFp32;  ///< kFp32 or kBf16, never kAuto
  bool own_kernels = false;                ///< else LibTorch's operations
  std::string kernels = "LibTorch's";      ///< which, and why, for people
  int threads = 1;                         ///< of LibTorch; other threads than the main one must set it themselves
};

/// `device: auto` is the first GPU that LibTorch can use, else the CPU. `precision: auto` is bf16 where the processor
/// computes it in hardware (AVX-512 bf16, AMX; CUDA with cuDNN from compute capability 8.0), else fp32. Sets the number
/// of threads of LibTorch. Throws UsageError for a device that is not there.
ComputeTarget choose_target(const MachineOptions& options);

/// GPUs that LibTorch can use.
int count_gpus();

/// Memory of a GPU that no process has taken. What LibTorch keeps for itself between calls counts as taken.
std::int64_t free_memory_bytes(const torch::Device& accelerator);

/// The most memory of a device that LibTorch has held for this process; 0 for the CPU.
std::int64_t peak_device_memory_bytes(const torch::Device& device);

/// True where the processor multiplies bf16 in hardware.
bool cpu_has_bf16();

torch::ScalarType compute_type(const ComputeTarget& target);

/// Seeds LibTorch's generators and, if asked, allows only algorithms that give the same bits each time.
void seed_torch(std::uint64_t seed, bool deterministic);

}  // namespace cloudmask
