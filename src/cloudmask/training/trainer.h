#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "cloudmask/base/clock.h"
#include "cloudmask/config/options.h"
#include "cloudmask/data/patch_store.h"
#include "cloudmask/metrics/run_listener.h"
#include "cloudmask/parallel/communicator.h"
#include "cloudmask/teaching/labeller.h"
#include "cloudmask/training/checkpoint.h"
#include "cloudmask/training/patch_loader.h"
#include "cloudmask/training/train_step.h"

namespace cloudmask {

/// The training loop: scenes to model file, with a checkpoint beside it.
class Trainer {
 public:
  /// Finds, inspects and splits the scenes of config.data.train_dir, and lets the labeller of
  /// config.training.supervision look at those to train on. `memory_bytes` are for this rank's patches; 0: half of what
  /// is free, the rest is for the network and the file cache. All ranks need the same configuration but for their
  /// device and threads; each reads its own scenes, and rank 0 alone writes files and is heard by its listener. What
  /// one rank throws, all throw (parallel/agreement.h). Throws Error and UsageError.
  Trainer(const Config& config, Communicator& communicator, RunListener& listener, std::int64_t memory_bytes = 0);

  /// Runs all epochs that are left and writes the model file. Throws Error when a loss or weight is no longer finite
  /// (the model file is then that of an earlier epoch, or not there), Interrupted after saving when
  /// interrupt_requested() on any rank.
  TrainingRecord run(bool resume);

 private:
  std::int64_t own_patches() const;
  std::int64_t patches_that_fit() const;
  std::unique_ptr<PatchStore> make_store(const std::vector<std::filesystem::path>& scenes,
                                         std::shared_ptr<PatchCache> cache);
  void begin(bool resume);
  void resume_state();
  void make_loaders();
  void train_epoch();
  void evaluate_epoch(EpochRecord& epoch);
  void close_epoch();
  bool finished();
  std::optional<Batch> next_batch(PatchLoader& loader);
  [[noreturn]] void diverged(const std::string& what) const;
  void require_finite_weights() const;
  void remember_best(const EpochRecord& epoch);
  void save();
  ModelContent model_content();
  void write_model_file();
  [[noreturn]] void stop();
  void report_progress(const char* activity, std::int64_t done, std::int64_t total, double patches_per_s);

  Config config_;
  Communicator& communicator_;
  RunListener& listener_;
  ComputeTarget target_;
  std::int64_t memory_bytes_;
  std::shared_ptr<const Labeller> labeller_;
  std::unique_ptr<PatchStore> training_store_;
  std::unique_ptr<PatchStore> test_store_;
  std::unique_ptr<PatchLoader> training_;
  std::unique_ptr<PatchLoader> test_;
  UNet network_{nullptr};
  std::unique_ptr<TrainStep> step_;
  TrainingState state_;
  int written_epoch_ = 0;      ///< epoch in the model file that this run wrote; 0: none yet
  Stopwatch watch_;            ///< since construction
  double earlier_time_s_ = 0;  ///< of the processes before a resume
};

}  // namespace cloudmask
