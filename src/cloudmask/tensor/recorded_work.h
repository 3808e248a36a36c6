#pragma once

#include <torch/torch.h>

#include <functional>
#include <memory>

namespace cloudmask {

/// Work on tensors that is the same each time: the same operations in the same memory but for what it allocates
/// itself, and nothing that the host must wait for. On an NVIDIA GPU its first runs warm up, then it is recorded as a
/// CUDA graph, which costs the host one launch instead of hundreds. Elsewhere it is done as it stands; also where it
/// cannot be recorded, as when memory runs out meanwhile, which warns once. Work that broke off in the middle is then
/// done again.
class RecordedWork {
 public:
  RecordedWork(const torch::Device& device, std::function<void()> work);
  ~RecordedWork();
  RecordedWork(const RecordedWork&) = delete;
  RecordedWork& operator=(const RecordedWork&) = delete;

  void run();

  /// Whether run() replays a recording by now.
  bool recorded() const;

  /// Whether this build can record: it was made with a CUDA LibTorch and CUDA's headers.
  static bool built_in();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cloudmask
