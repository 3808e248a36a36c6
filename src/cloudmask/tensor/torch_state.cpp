#include "cloudmask/tensor/torch_state.h"

#include <torch/torch.h>

#include <mutex>
#include <optional>
#include <vector>

#include "cloudmask/tensor/device.h"

namespace cloudmask {
namespace {

// LibTorch keeps one number for threads that are yet to come, and one in each thread.
std::mutex mutex;
int holders = 0;
int found_first = 0;

class RandomState {
 public:
  RandomState() {
    std::vector<torch::Device> devices = {torch::kCPU};
    for (int gpu = 0; gpu < count_gpus(); ++gpu) devices.emplace_back(torch::kCUDA, static_cast<c10::DeviceIndex>(gpu));
    for (const torch::Device& device : devices) {
      at::Generator generator = torch::globalContext().defaultGenerator(device);
      const std::lock_guard lock(generator.mutex());
      generators_.push_back({generator, generator.get_state()});
    }
  }

  void put_back() {
    for (Generator& kept : generators_) {
      const std::lock_guard lock(kept.generator.mutex());
      kept.generator.set_state(kept.state);
    }
    torch::globalContext().setDeterministicAlgorithms(deterministic_, warn_only_);
    torch::globalContext().setBenchmarkCuDNN(benchmark_);
  }

 private:
  struct Generator {
    at::Generator generator;
    at::Tensor state;
  };
  std::vector<Generator> generators_;
  bool deterministic_ = torch::globalContext().deterministicAlgorithms();
  bool warn_only_ = torch::globalContext().deterministicAlgorithmsWarnOnly();
  bool benchmark_ = torch::globalContext().benchmarkCuDNN();
};

int random_holders = 0;
std::optional<RandomState> random_found;

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

KeptRandomState::KeptRandomState() {
  const std::lock_guard lock(mutex);
  if (random_holders++ == 0) random_found.emplace();
}

KeptRandomState::~KeptRandomState() {
  const std::lock_guard lock(mutex);
  if (--random_holders > 0) return;
  random_found->put_back();
  random_found.reset();
}

}  // namespace cloudmask
