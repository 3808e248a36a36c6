#pragma once

#include <torch/torch.h>

#include <memory>

#include "cloudmask/parallel/communicator.h"

namespace cloudmask {

/// Sums over all ranks of tensors that lie on their GPUs, by NCCL. Every rank starts the same sums in the same order.
class DeviceSum {
 public:
  virtual ~DeviceSum() = default;

  /// Of contiguous fp32 values, in place; every rank gets the same bits. It begins when the current stream has come to
  /// this point, and goes on beside it; `values` must live until finish().
  virtual void start(const torch::Tensor& values) = 0;

  /// Makes the current stream wait for all that was started.
  virtual void finish() = 0;
};

/// All ranks call it together, each for its own GPU. Null where `device` is no NVIDIA GPU or this build has no NCCL:
/// sums then go through the memory of the host, by the Communicator. Throws Error naming what NCCL says.
std::unique_ptr<DeviceSum> make_device_sum(const torch::Device& device, Communicator& ranks);

}  // namespace cloudmask
