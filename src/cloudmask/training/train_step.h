#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "cloudmask/config/options.h"
#include "cloudmask/network/unet.h"
#include "cloudmask/parallel/communicator.h"
#include "cloudmask/tensor/device.h"
#include "cloudmask/tensor/recorded_work.h"
#include "cloudmask/training/adam.h"
#include "cloudmask/training/batch.h"
#include "cloudmask/training/gradient_sum.h"

namespace cloudmask {

/// Sums over the known pixels of patches; mergeable.
struct BatchSums {
  double loss = 0;     ///< sum of the cross entropy
  double correct = 0;  ///< pixels on the label's side of probability 0.5
  double pixels = 0;

  void merge(const BatchSums& other);
  double mean_loss() const { return loss / pixels; }
  double accuracy() const { return correct / pixels; }
};

/// One step of training, and the same forward pass for evaluation. Each rank brings its patches of the batch, or none,
/// and gets the sums over those of all. With TrainingOptions::cuda_graph the work of a step is recorded on a GPU
/// (RecordedWork), update included; not with several ranks, nor with batches computed in parts. A step of one
/// process that throws leaves nothing behind: the next one is as if it had not been.
class TrainStep {
 public:
  /// Moves the network to the target. Both must outlive this object. A rank computes at most `patches_at_once` of its
  /// patches at a time (0: all) and adds up their gradients: the same step, but for rounding, in less memory.
  TrainStep(UNet network, const ComputeTarget& target, const TrainingOptions& options, Communicator& communicator,
            std::int64_t patches_at_once = 0);

  /// Forward, backward with the sum over ranks beside it, update. The gradient is that of the mean loss over the known
  /// pixels of the global batch. A loss that is not finite leaves weights and optimiser untouched: see BatchSums::loss.
  BatchSums train(const Batch& batch, double learning_rate);

  /// Loss and accuracy without an update. Where memory is short, as it may be beside a recorded step, which keeps its
  /// own, the batch is evaluated in parts from then on, which warns.
  BatchSums evaluate(const Batch& batch);

  Adam& optimiser() { return optimiser_; }
  const GradientSum& gradients() const { return gradients_; }
  double all_reduce_s() const { return all_reduce_s_; }  ///< time spent in it since construction
  bool recorded() const { return recorded_step_ && recorded_step_->recorded(); }  ///< whether steps are replayed by now

  /// Variance between the ranks of how long the last step's forward and backward passes took; NaN for one rank.
  double compute_variance_s2() const { return compute_variance_s2_; }

 private:
  static std::vector<Batch> parts_of(const Batch& batch, std::int64_t patches_at_once);
  torch::Tensor forward(const Batch& batch);
  void compute_gradients(const Batch& batch);
  bool recordable(const Batch& batch) const;
  BatchSums train_recorded(const Batch& batch, double learning_rate);
  BatchSums read_sums() const;
  void evaluate_in_parts(const Batch& batch);
  void sum_over_ranks(BatchSums& sums);
  void sum_over_ranks(BatchSums& sums, double compute_s);
  Batch to_device(const Batch& batch) const;

  UNet network_;
  ComputeTarget target_;
  TrainingOptions options_;
  Communicator& communicator_;
  std::int64_t patches_at_once_;
  std::int64_t evaluated_at_once_;
  Adam optimiser_;
  GradientSum gradients_;
  torch::Tensor sums_;    ///< BatchSums of the batch at hand: fp64 [3] on the device
  Batch recorded_batch_;  ///< where recorded_step_ finds its batch
  std::unique_ptr<RecordedWork> recorded_step_;
  double all_reduce_s_ = 0;
  double compute_variance_s2_ = std::numeric_limits<double>::quiet_NaN();
};

}  // namespace cloudmask
