#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "cloudmask/metrics/scores.h"

namespace cloudmask {

/// What a run works on. Records are plain structs that training and inference fill and the report layer writes; NaN:
/// not measured.
struct MachineRecord {
  std::string cpu;                ///< model name
  std::string device;             ///< "cpu", "cuda:0 NVIDIA H100 ..."
  std::string precision;          ///< "fp32", "bf16"
  std::string kernels;            ///< whose convolutions run, and why; "none" without a network
  std::string libtorch;           ///< version; "none" without a network
  int threads = 0;                ///< of a rank
  int cores = 0;                  ///< of the machine, for all its ranks together
  int ranks = 1;                  ///< measured, not configured
  int nodes = 1;                  ///< machines
  int accelerators_per_node = 0;  ///< GPUs that the ranks of a machine use
};

/// What an epoch did. Losses and accuracies are means over its patches.
struct EpochRecord {
  int epoch = 0;                ///< from 1
  std::int64_t steps = 0;       ///< updates of the weights
  std::int64_t patches = 0;     ///< trained on
  double learning_rate = 0;     ///< at the end of the epoch
  double train_loss = 0;        ///< of the training patches, while the weights change
  double train_accuracy = 0;    ///< the same
  double test_loss = 0;         ///< NaN when this epoch was not validated
  double test_accuracy = 0;     ///< the same
  double time_s = 0;            ///< whole epoch, evaluation included
  double wait_data_s = 0;       ///< for the loader; this and the next three are parts of time_s
  double compute_s = 0;         ///< forward, backward, update
  double all_reduce_s = 0;      ///< waiting for the sums of gradients
  double evaluate_s = 0;        ///< the test patches
  double compute_spread_s = 0;  ///< standard deviation of a step's computing between the ranks; NaN for one rank
};

/// What a training was and did.
struct TrainingRecord {
  int training_scenes = 0;             ///< whose patches are trained on
  int test_scenes = 0;                 ///< whose patches judge
  std::int64_t training_patches = 0;   ///< of all training scenes
  std::int64_t test_patches = 0;       ///< of all test scenes
  int batch_size = 0;                  ///< patches a step, over all ranks
  std::int64_t gradient_bytes = 0;     ///< that each rank sends into the sum of a step
  int gradient_messages = 0;           ///< in how many sums they go
  int epochs_configured = 0;           ///< the key `epochs`
  std::vector<EpochRecord> epochs;     ///< those really run, resumed ones included
  int best_epoch = 0;                  ///< whose weights the model file holds
  double best_test_accuracy = 0;       ///< of that epoch
  double time_s = 0;                   ///< of this process: start of reading to model written
  double time_to_accuracy_s = 0;       ///< until target_accuracy was reached; NaN: not asked for or not reached
  std::int64_t peak_memory_bytes = 0;  ///< of this process
  double energy_j = 0;                 ///< package and accelerators, NaN where the machine does not tell
  std::string stopped_because;         ///< "epochs", "early_stopping", "target_accuracy"
};

/// What became of a scene.
struct SceneRecord {
  std::string name;      ///< of its file
  double read_s = 0;     ///< from its file
  double compute_s = 0;  ///< its mask
  double write_s = 0;    ///< that mask
  /// Of the pixels that are not missing; NaN where no mask was made in this run.
  double cloud_fraction = std::numeric_limits<double>::quiet_NaN();
  bool skipped = false;  ///< its mask was there already
  std::string error;     ///< not empty: no mask was made
};

/// What an inference did.
struct InferenceRecord {
  std::vector<SceneRecord> scenes;     ///< of all ranks
  int batch_size = 0;                  ///< the key; 0 without a network
  double time_s = 0;                   ///< whole inference, all scenes
  std::int64_t peak_memory_bytes = 0;  ///< of this process
  std::string tile_mode;               ///< the key; empty without a network
};

}  // namespace cloudmask
