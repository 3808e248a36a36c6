#include "cloudmask/tensor/torch_state.h"

#include <mutex>

#include "cloudmask/tensor/device.h"

namespace cloudmask {
namespace {

// LibTorch keeps one number for threads that are yet to come, and one in each thread.
std::mutex mutex;
int holders = 0;
int found_first = 0;

}  // namespace

KeptThreadNumber::KeptThreadNumber() {
  const std::lock_guard lock(mutex);
  own_ = torch::get_num_threads();
  if (holders++ == 0) found_first = own_;
}

KeptThreadNumber::~KeptThreadNumber() {
  const std::lock_guard lock(mutex);
  torch::set_num_threads(--holders == 0 ? found_first : own_);
}

KeptRandomState::KeptRandomState()
    : deterministic_(torch::globalContext().deterministicAlgorithms()),
      warn_only_(torch::globalContext().deterministicAlgorithmsWarnOnly()),
      benchmark_(torch::globalContext().benchmarkCuDNN()) {
  std::vector<torch::Device> devices = {torch::kCPU};
  for (int gpu = 0; gpu < count_gpus(); ++gpu) devices.emplace_back(torch::kCUDA, static_cast<c10::DeviceIndex>(gpu));
  for (const torch::Device& device : devices) {
    at::Generator generator = torch::globalContext().defaultGenerator(device);
    const std::lock_guard lock(generator.mutex());
    generators_.push_back({generator, generator.get_state()});
  }
}

KeptRandomState::~KeptRandomState() {
  for (Generator& kept : generators_) {
    const std::lock_guard lock(kept.generator.mutex());
    kept.generator.set_state(kept.state);
  }
  torch::globalContext().setDeterministicAlgorithms(deterministic_, warn_only_);
  torch::globalContext().setBenchmarkCuDNN(benchmark_);
}

}  // namespace cloudmask
