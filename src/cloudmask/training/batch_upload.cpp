#include "cloudmask/training/batch_upload.h"

#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>

namespace cloudmask {

BatchUpload::BatchUpload(const torch::Device& device) : device_(device) {
  if (!device.is_cpu()) stream_ = c10::impl::VirtualGuardImpl(device.type()).getStreamFromGlobalPool(device);
}

Batch BatchUpload::upload(const Batch& batch) const {
  if (!stream_) return batch;
  const c10::Stream user = c10::impl::VirtualGuardImpl(device_.type()).getDefaultStream(device_);
  const auto copy = [&](const torch::Tensor& tensor) {
    auto copied = tensor.to(device_, /*non_blocking=*/true);
    copied.record_stream(user);  // its memory is not used anew before that is through with it
    return copied;
  };
  const c10::StreamGuard guard(*stream_);
  Batch copied{copy(batch.input), copy(batch.target), copy(batch.weight)};
  stream_->synchronize();
  return copied;
}

}  // namespace cloudmask
