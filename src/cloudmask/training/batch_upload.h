#pragma once

#include <c10/core/Stream.h>

#include <functional>
#include <optional>

#include "cloudmask/training/batch.h"

namespace cloudmask {

/// Brings batches to a device: to a GPU on a stream of its own, so that copies pass beside the work of the default
/// stream; at full speed from pinned memory. It waits for what it does.
class BatchUpload {
 public:
  explicit BatchUpload(const torch::Device& device);

  /// The batch on the device, for the default stream to use; the same tensors on the CPU.
  Batch upload(const Batch& batch) const;

  /// The batch that `make` makes by operations on the device, for the default stream to use.
  Batch made_by(const std::function<Batch()>& make) const;

  /// For use by made_by() alone.
  torch::Tensor upload(const torch::Tensor& values) const;

 private:
  torch::Device device_;
  std::optional<c10::Stream> stream_;  ///< of a GPU; one for all batches, since LibTorch keeps memory for each
};

}  // namespace cloudmask
