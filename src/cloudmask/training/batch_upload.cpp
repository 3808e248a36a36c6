#include "cloudmask/training/batch_upload.h"

#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>

namespace cloudmask {

BatchUpload::BatchUpload(const torch::Device& device) : device_(device) {
  if (!device.is_cpu()) stream_ = c10::impl::VirtualGuardImpl(device.type()).getStreamFromGlobalPool(device);
}

Batch BatchUpload::made_by(const std::function<Batch()>& make) const {
  if (!stream_) return make();
  const c10::Stream user = c10::impl::VirtualGuardImpl(device_.type()).getDefaultStream(device_);
  const c10::StreamGuard guard(*stream_);
  Batch batch = make();
  // Their memory is not used anew before the user is through with it.
  for (torch::Tensor* const tensor : {&batch.input, &batch.target, &batch.weight}) tensor->record_stream(user);
  stream_->synchronize();
  return batch;
}

Batch BatchUpload::upload(const Batch& batch) const {
  const auto copy = [&](const torch::Tensor& tensor) { return tensor.to(device_, /*non_blocking=*/true); };
  return made_by([&] { return Batch{copy(batch.input), copy(batch.target), copy(batch.weight)}; });
}

torch::Tensor BatchUpload::upload(const torch::Tensor& values) const {
  if (!stream_) return values.to(device_);
  const c10::StreamGuard guard(*stream_);
  auto uploaded = values.to(device_);
  stream_->synchronize();
  return uploaded;
}

}  // namespace cloudmask
