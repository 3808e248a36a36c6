#pragma once

#include <torch/torch.h>

#include <cstddef>
#include <future>
#include <memory>
#include <vector>

#include "cloudmask/parallel/communicator.h"
#include "cloudmask/training/device_sum.h"

namespace cloudmask {

/// Sums the gradients of a network over all ranks, a bucket of parameters at a time, while the backward pass still
/// computes the others. Every rank needs the same parameters in the same order. Those on a GPU are summed there where
/// make_device_sum() can, in fp32 whatever is asked for.
class GradientSum {
 public:
  /// Listens to the parameters from now on; the communicator must outlive it. A bucket has at least `bucket_bytes` of
  /// fp32; docs/scaling.md has what was measured.
  GradientSum(std::vector<torch::Tensor> parameters, Communicator& ranks, GradientPrecision sent_as,
              std::size_t bucket_bytes = kBucketBytes);

  /// Waits for the sums under way, which a backward pass that threw leaves behind.
  ~GradientSum();
  GradientSum(const GradientSum&) = delete;
  GradientSum& operator=(const GradientSum&) = delete;

  /// Whether the next backward pass is the step's last, whose gradients are final: only then are they taken.
  void listen(bool last) { listening_ = last; }

  /// To be called after each step's last backward pass, and by a rank that had nothing to compute: its gradients count
  /// as zero. Then every gradient is the sum over all ranks.
  void finish();

  /// What a rank sends into the sums of one step, in the precision that it is sent in; 0 for one rank.
  std::size_t bytes() const;
  std::size_t messages() const { return buckets_.size(); }

  static constexpr std::size_t kBucketBytes = std::size_t{1} << 20;

 private:
  struct Bucket {
    std::size_t first = 0;  ///< parameter
    std::size_t last = 0;   ///< one behind
    std::size_t filled = 0;
    torch::Tensor values;   ///< one behind the other; in the host's memory unless device_sum_ takes them
    std::future<void> sum;  ///< without device_sum_
  };
  class Hook;

  void take(std::size_t parameter);
  void start_full_buckets();
  torch::Tensor place_of(std::size_t parameter) const;

  std::vector<torch::Tensor> parameters_;  // last one first, about as the backward pass finishes them
  Communicator& ranks_;
  GradientPrecision sent_as_;
  std::vector<Bucket> buckets_;
  std::unique_ptr<DeviceSum> device_sum_;  // behind what it writes to: it ends first
  std::vector<std::size_t> bucket_of_;
  std::vector<bool> taken_;
  bool listening_ = true;
  std::size_t started_ = 0;  // buckets: in the same order on all ranks
};

}  // namespace cloudmask
