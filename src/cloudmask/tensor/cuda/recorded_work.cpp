#include "cloudmask/tensor/recorded_work.h"

#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>

#include <optional>
#include <utility>

namespace cloudmask {
namespace {

// cuDNN tries its algorithms, and LibTorch makes its handles and workspaces: neither may happen in a recording.
constexpr int kWarmUpRuns = 3;

}  // namespace

struct RecordedWork::State {
  torch::Device device;
  std::function<void()> work;
  int runs = 0;
  std::optional<c10::cuda::CUDAStream> side;  // a recording takes another stream than the default one
  std::unique_ptr<at::cuda::CUDAGraph> graph;

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
    const c10::cuda::CUDAStreamGuard guard(*side);
    graph = std::make_unique<at::cuda::CUDAGraph>();
    // Other threads go on meanwhile: the one that brings batches allocates and copies.
    graph->capture_begin({0, 0}, cudaStreamCaptureModeThreadLocal);
    work();
    graph->capture_end();
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
  if (state_->runs++ < kWarmUpRuns) return state_->warm_up();
  if (!state_->graph) state_->record();
  state_->graph->replay();
}

bool RecordedWork::built_in() { return true; }

}  // namespace cloudmask
