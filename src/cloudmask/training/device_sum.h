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

  /// Waits, and the host with it, until all that was started has been summed. Throws Error with what NCCL says when a
  /// sum fails, but half a minute later: where that is because a rank died, the Communicator names it meanwhile.
  virtual void finish() = 0;
};

/// Whether this build has NCCL.
bool built_with_nccl();

/// All ranks call it together, each for its own GPU. Null, on all alike, where `device` is no NVIDIA GPU, this build
/// has no NCCL, or NCCL cannot start on one of the ranks, of which rank 0 warns: sums then go through the memory of the
/// host, by the Communicator.
std::unique_ptr<DeviceSum> make_device_sum(const torch::Device& device, Communicator& ranks);

}  // namespace cloudmask
