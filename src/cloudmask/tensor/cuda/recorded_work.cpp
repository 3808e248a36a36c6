#include "cloudmask/tensor/recorded_work.h"

#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>
#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include <optional>
#include <utility>

#include "cloudmask/base/log.h"
#include "cloudmask/base/plain_errors.h"

namespace cloudmask {
namespace {

// cuDNN tries its algorithms, and LibTorch makes its handles and workspaces: neither may happen in a recording.
constexpr int kWarmUpRuns = 3;

// One CUDA graph with the memory that its work allocates.
class Recording {
 public:
  explicit Recording(const torch::Device& device) : device_(device), pool_(at::cuda::graph_pool_handle()) {}

  // On the current stream. Throws what `work` throws, and where CUDA cannot record it; the stream, the device's
  // memory and the rest of this process are then as before.
  void record(const std::function<void()>& work) {
    // Other threads go on meanwhile: the one that brings batches allocates and copies.
    graph_.capture_begin(pool_, cudaStreamCaptureModeThreadLocal);
    try {
      work();
      graph_.capture_end();
    } catch (...) {
      abandon();
      throw;
    }
  }

  void replay() { graph_.replay(); }

 private:
  void abandon() {
    // Ends the stream's recording in any case. Where that has become invalid it throws before it takes back what
    // capture_begin() told the allocators; what it did before it threw, it need not do again.
    ignoring_faults([&] { graph_.capture_end(); });
    ignoring_faults([&] {
      c10::cuda::CUDACachingAllocator::endAllocateToPool(device_.index(), pool_);
      c10::cuda::CUDACachingAllocator::releasePool(device_.index(), pool_);
    });
    ignoring_faults([&] { graph_.reset(); });
    cudaGetLastError();  // or the next call would report it as its own
  }

  static void ignoring_faults(const std::function<void()>& work) {
    try {
      work();
    } catch (const std::exception& fault) {
      log_detail(fmt::format("cuda_graph: {}", plain_message(fault)));
    }
  }

  torch::Device device_;
  at::cuda::MempoolId_t pool_;
  at::cuda::CUDAGraph graph_;
};

}  // namespace

struct RecordedWork::State {
  torch::Device device;
  std::function<void()> work;
  int runs = 0;
  std::optional<c10::cuda::CUDAStream> side;  // a recording takes another stream than the default one
  std::unique_ptr<Recording> recording;
  bool unrecordable = false;

  void warm_up() {
    c10::cuda::device_synchronize();
    {
      const c10::cuda::CUDAStreamGuard guard(*side);
      work();
    }
    c10::cuda::device_synchronize();
  }

  void record() {
    c10::cuda::device_synchronize();
    c10::cuda::CUDACachingAllocator::emptyCache();  // the warm-up's memory: the graph has its own
    try {
      const c10::cuda::CUDAStreamGuard guard(*side);
      auto made = std::make_unique<Recording>(device);
      made->record(work);
      recording = std::move(made);
    } catch (const std::exception& fault) {
      unrecordable = true;
      log_warning(fmt::format("cuda_graph: steps are not recorded: {}", plain_message(fault)));
    }
    if (unrecordable) c10::cuda::CUDACachingAllocator::emptyCache();
  }
};

RecordedWork::RecordedWork(const torch::Device& device, std::function<void()> work)
    : state_(std::make_unique<State>(State{device, std::move(work), 0, std::nullopt, nullptr})) {
  if (device.is_cuda()) state_->side = c10::cuda::getStreamFromPool(/*isHighPriority=*/false, device.index());
}

RecordedWork::~RecordedWork() = default;

void RecordedWork::run() {
  if (!state_->side) return state_->work();
  const c10::cuda::CUDAGuard on_device(state_->device);
  if (state_->runs < kWarmUpRuns) {
    ++state_->runs;
    return state_->warm_up();
  }
  if (!state_->recording && !state_->unrecordable) state_->record();
  if (state_->recording) return state_->recording->replay();
  state_->work();
}

bool RecordedWork::recorded() const { return state_->recording != nullptr; }

bool RecordedWork::built_in() { return true; }

}  // namespace cloudmask
