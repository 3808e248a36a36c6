#include "cloudmask/training/device_sum.h"

#include <c10/core/Event.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <nccl.h>

#include <chrono>
#include <optional>
#include <string>
#include <thread>

#include "cloudmask/base/error.h"
#include "cloudmask/parallel/agreement.h"

namespace cloudmask {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// Groups of a thousand ranks take tens of seconds to meet.
constexpr auto kMeetWithin = 120s;

// The library, which need not be there: the program starts without it.
struct Nccl {
  decltype(&ncclGetUniqueId) get_unique_id = nullptr;
  decltype(&ncclCommInitRankConfig) init_rank = nullptr;
  decltype(&ncclCommGetAsyncError) get_async_error = nullptr;
  decltype(&ncclCommAbort) abort = nullptr;
  decltype(&ncclAllReduce) all_reduce = nullptr;
  decltype(&ncclGetErrorString) get_error_string = nullptr;
  decltype(&ncclGetLastError) get_last_error = nullptr;

  // Throws Error.
  static Nccl load() {
    void* const library = dlopen("libnccl.so.2", RTLD_NOW | RTLD_LOCAL);  // that of LibTorch, where it has loaded it
    if (library == nullptr) throw Error(fmt::format("NCCL: {}", dlerror()));
    Nccl nccl;
    find(library, "ncclGetUniqueId", nccl.get_unique_id);
    find(library, "ncclCommInitRankConfig", nccl.init_rank);
    find(library, "ncclCommGetAsyncError", nccl.get_async_error);
    find(library, "ncclCommAbort", nccl.abort);
    find(library, "ncclAllReduce", nccl.all_reduce);
    find(library, "ncclGetErrorString", nccl.get_error_string);
    find(library, "ncclGetLastError", nccl.get_last_error);
    return nccl;
  }

  // How ranks find each other: one rank's bytes for all.
  std::string new_id() const {
    ncclUniqueId id{};
    const ncclResult_t result = get_unique_id(&id);
    if (result != ncclSuccess) throw Error(describe(result));
    return {id.internal, sizeof id.internal};
  }

  std::string describe(ncclResult_t result) const {
    const std::string detail = get_last_error(nullptr);
    return fmt::format("NCCL: {}{}{}; NCCL_DEBUG=INFO in the environment says more", get_error_string(result),
                       detail.empty() ? "" : ": ", detail);
  }

 private:
  template <typename Function>
  static void find(void* library, const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(library, name));
    if (function == nullptr) throw Error(fmt::format("NCCL: {} is missing in it: it is older than 2.14", name));
  }
};

// For what takes microseconds as a rule.
class Pauses {
 public:
  void pause() {
    constexpr int kEagerPolls = 2000;
    if (++polls_ > kEagerPolls) std::this_thread::sleep_for(20us);
  }

 private:
  int polls_ = 0;
};

class NcclSum final : public DeviceSum {
 public:
  // All ranks together. Sums once, since NCCL makes some of its connections only then. Throws Error.
  NcclSum(const Nccl& nccl, const std::string& id, const torch::Device& device, const Communicator& ranks)
      : nccl_(nccl), stream_(c10::cuda::getStreamFromPool(/*isHighPriority=*/true, device.index())) {
    const auto one = torch::ones({1}, device);
    try {
      join(id, ranks);
      start(one);
      finish();
    } catch (...) {
      leave();
      throw;
    }
    meets_by_.reset();
  }

  ~NcclSum() override { leave(); }
  NcclSum(const NcclSum&) = delete;
  NcclSum& operator=(const NcclSum&) = delete;

  void start(const torch::Tensor& values) override {
    const c10::cuda::CUDAGuard on_device(values.device());
    c10::Event ready(torch::kCUDA);
    ready.record(c10::cuda::getCurrentCUDAStream());
    ready.block(stream_);
    auto* const data = values.mutable_data_ptr<float>();
    complete(nccl_.all_reduce(data, data, static_cast<std::size_t>(values.numel()), ncclFloat32, ncclSum, group_,
                              stream_.stream()));
  }

  void finish() override {
    const c10::cuda::CUDAGuard on_device(stream_.device());
    c10::Event summed(torch::kCUDA);
    summed.record(stream_);
    Pauses pauses;
    while (!summed.query()) {
      complete(state());
      pauses.pause();
      require_in_time();
    }
    complete(state());
  }

 private:
  // So that no call waits longer than this process wants to: `blocking` is 0, and complete() waits.
  void join(const std::string& id, const Communicator& ranks) {
    const c10::cuda::CUDAGuard on_device(stream_.device());
    ncclUniqueId unique_id{};
    CM_CHECK(id.size() == sizeof unique_id.internal);
    id.copy(unique_id.internal, id.size());
    ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
    config.blocking = 0;
    complete(nccl_.init_rank(&group_, ranks.size(), unique_id, ranks.rank(), &config));
  }

  // Not ncclCommDestroy, which waits for sums that other ranks may never join.
  void leave() {
    if (group_ != nullptr) nccl_.abort(group_);
    group_ = nullptr;
  }

  // Of what NCCL does by itself: an error shows here, whichever call it came after.
  ncclResult_t state() const {
    ncclResult_t result = ncclSuccess;
    const ncclResult_t asked = nccl_.get_async_error(group_, &result);
    return asked == ncclSuccess ? result : asked;
  }

  // Waits for a call that goes on.
  void complete(ncclResult_t result) const {
    Pauses pauses;
    while (result == ncclInProgress) {
      pauses.pause();
      require_in_time();
      result = state();
    }
    if (result == ncclSuccess) return;
    const std::string fault = nccl_.describe(result);
    if (!meets_by_) std::this_thread::sleep_for(Communicator::kNoticesWithin);
    throw Error(fault);
  }

  // At the beginning only. Later ones may be as late as they like, and dead ones are the Communicator's to notice,
  // whose thread ends this process.
  void require_in_time() const {
    if (meets_by_ && Clock::now() > *meets_by_) {
      throw Error(fmt::format("NCCL: the ranks did not meet within {} s", kMeetWithin / 1s));
    }
  }

  Nccl nccl_;
  c10::cuda::CUDAStream stream_;
  ncclComm_t group_ = nullptr;
  std::optional<Clock::time_point> meets_by_ = Clock::now() + kMeetWithin;
};

}  // namespace

bool built_with_nccl() { return true; }

std::unique_ptr<DeviceSum> make_device_sum(const torch::Device& device, Communicator& ranks) {
  if (!device.is_cuda()) return nullptr;
  constexpr const char* kOtherwise = "gradients are summed through the memory of the hosts, which is slower";
  Nccl nccl;
  std::string id;
  const auto prepare = [&] {
    nccl = Nccl::load();
    if (ranks.rank() == 0) id = nccl.new_id();
  };
  if (!try_on_all(ranks, kOtherwise, prepare)) return nullptr;
  ranks.broadcast(id);
  std::unique_ptr<DeviceSum> sum;
  const auto join = [&] { sum = std::make_unique<NcclSum>(nccl, id, device, ranks); };
  return try_on_all(ranks, kOtherwise, join) ? std::move(sum) : nullptr;
}

}  // namespace cloudmask
