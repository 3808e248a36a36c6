#pragma once

namespace cloudmask {

// What of LibTorch belongs to the process and not to us: whoever else uses it there finds it again as it was.

/// Puts the number of threads back when it goes. Where several are there at a time, in several threads, the last to go
/// restores what the first found.
class KeptThreadNumber {
 public:
  KeptThreadNumber();
  ~KeptThreadNumber();
  KeptThreadNumber(const KeptThreadNumber&) = delete;
  KeptThreadNumber& operator=(const KeptThreadNumber&) = delete;

 private:
  int own_;  ///< of the calling thread
};

/// The same for what seed_torch() sets: generators of random numbers, determinism, cuDNN's benchmarks.
class KeptRandomState {
 public:
  KeptRandomState();
  ~KeptRandomState();
  KeptRandomState(const KeptRandomState&) = delete;
  KeptRandomState& operator=(const KeptRandomState&) = delete;
};

}  // namespace cloudmask
