#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "cloudmask/metrics/scores.h"

namespace cloudmask {

// What a run was and did: plain structs that training and inference fill and the report layer writes. NaN: not
// measured.

struct MachineRecord {
  std::string cpu;        ///< model name
  std::string device;     ///< "cpu", "cuda:0 NVIDIA H100 ..."
  std::string precision;  ///< "fp32", "bf16"
  std::string kernels;    ///< whose convolutions run, and why; "none" without a network
  std::string libtorch;   ///< version; "none" without a network
  int threads = 0;        ///< of a rank
  int cores = 0;          ///< of the machine, for all its ranks together
  int ranks = 1;          ///< measured, not configured
  int nodes = 1;
  int accelerators_per_node = 0;
};

struct EpochRecord {
  int epoch = 0;  ///< from 1
  std::int64_t steps = 0;
  std::int64_t patches = 0;
  double learning_rate = 0;  ///< at the end of the epoch
  double train_loss = 0;
  double train_accuracy = 0;
  double test_loss = 0;  ///< NaN when this epoch was not validated
  double test_accuracy = 0;
  double time_s = 0;       ///< whole epoch, evaluation included
  double wait_data_s = 0;  ///< parts of time_s
  double compute_s = 0;
  double all_reduce_s = 0;
  double evaluate_s = 0;
  double compute_spread_s = 0;  ///< standard deviation of a step's computing between the ranks; NaN for one rank
};

struct TrainingRecord {
  int training_scenes = 0;
  int test_scenes = 0;
  std::int64_t training_patches = 0;
  std::int64_t test_patches = 0;
  int batch_size = 0;               ///< patches a step, over all ranks
  std::int64_t gradient_bytes = 0;  ///< that each rank sends into the sum of a step
  int gradient_messages = 0;        ///< in how many sums they go
  int epochs_configured = 0;
  std::vector<EpochRecord> epochs;  ///< those really run, resumed ones included
  int best_epoch = 0;               ///< whose weights the model file holds
  double best_test_accuracy = 0;
  double time_s = 0;              ///< of this process: start of reading to model written
  double time_to_accuracy_s = 0;  ///< until target_accuracy was reached; NaN: not asked for or not reached
  std::int64_t peak_memory_bytes = 0;
  double energy_j = 0;          ///< package and accelerators, NaN where the machine does not tell
  std::string stopped_because;  ///< "epochs", "early_stopping", "target_accuracy"
};

struct SceneRecord {
  std::string name;
  double read_s = 0;
  double compute_s = 0;
  double write_s = 0;
  /// Of the pixels that are not missing; NaN where no mask was made in this run.
  double cloud_fraction = std::numeric_limits<double>::quiet_NaN();
  bool skipped = false;  ///< its mask was there already
  std::string error;     ///< not empty: no mask was made
};

struct InferenceRecord {
  std::vector<SceneRecord> scenes;
  int batch_size = 0;
  double time_s = 0;  ///< whole inference, all scenes
  std::int64_t peak_memory_bytes = 0;
  std::string tile_mode;
};

}  // namespace cloudmask
