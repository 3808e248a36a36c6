#include "cloudmask/training/device_sum.h"

#include <c10/core/Event.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <fmt/format.h>
#include <nccl.h>

#include <string>

#include "cloudmask/base/error.h"
#include "cloudmask/parallel/agreement.h"

namespace cloudmask {
namespace {

void require(ncclResult_t result, const char* what) {
  if (result == ncclSuccess) return;
  throw Error(
      fmt::format("NCCL: {}: {}; NCCL_DEBUG=INFO in the environment says more", what, ncclGetErrorString(result)));
}

// Rank 0's, by MPI.
ncclUniqueId agree_on_id(Communicator& ranks) {
  ncclUniqueId id{};
  do_on_first(ranks, [&] { require(ncclGetUniqueId(&id), "no group of ranks can be made"); });
  std::string bytes(id.internal, sizeof id.internal);
  ranks.broadcast(bytes);
  CM_CHECK(bytes.size() == sizeof id.internal);
  bytes.copy(id.internal, bytes.size());
  return id;
}

// A rank that dies is the Communicator's to notice: it ends the others, which may wait here for ever.
class NcclSum final : public DeviceSum {
 public:
  NcclSum(const torch::Device& device, Communicator& ranks)
      : stream_(c10::cuda::getStreamFromPool(/*isHighPriority=*/true, device.index())) {
    const ncclUniqueId id = agree_on_id(ranks);
    const c10::cuda::CUDAGuard on_device(device);
    require(ncclCommInitRank(&group_, ranks.size(), id, ranks.rank()), "this rank cannot join the others");
  }
  // Not ncclCommDestroy, which waits for sums that other ranks may never join.
  ~NcclSum() override { ncclCommAbort(group_); }
  NcclSum(const NcclSum&) = delete;
  NcclSum& operator=(const NcclSum&) = delete;

  void start(const torch::Tensor& values) override {
    const c10::cuda::CUDAGuard on_device(values.device());
    follow(c10::cuda::getCurrentCUDAStream(), stream_);
    auto* const data = values.mutable_data_ptr<float>();
    require(ncclAllReduce(data, data, static_cast<std::size_t>(values.numel()), ncclFloat32, ncclSum, group_,
                          stream_.stream()),
            "a sum over the ranks failed");
  }

  void finish() override {
    const c10::cuda::CUDAGuard on_device(stream_.device());
    follow(stream_, c10::cuda::getCurrentCUDAStream());
  }

 private:
  static void follow(const c10::Stream& first, const c10::Stream& then) {
    c10::Event reached(torch::kCUDA);
    reached.record(first);
    reached.block(then);
  }

  c10::cuda::CUDAStream stream_;
  ncclComm_t group_ = nullptr;
};

}  // namespace

std::unique_ptr<DeviceSum> make_device_sum(const torch::Device& device, Communicator& ranks) {
  return device.is_cuda() ? std::make_unique<NcclSum>(device, ranks) : nullptr;
}

}  // namespace cloudmask
