#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "cloudmask/metrics/run_record.h"
#include "cloudmask/model/model_file.h"
#include "cloudmask/training/adam.h"
#include "cloudmask/training/train_step.h"

namespace cloudmask {

/// Everything that training needs to go on exactly where it stood. Random numbers need no state: they follow from seed,
/// epoch and step.
struct TrainingState {
  std::map<std::string, std::string> settings;  ///< those that must be the same when resuming
  int epoch = 1;                                ///< the epoch under way, from 1
  std::int64_t step = 0;                        ///< steps of it that are done
  std::int64_t group_bytes = 0;                 ///< PatchLoader::group_bytes, which the order of patches follows from
  EpochRecord times;                            ///< what the epoch under way has taken so far
  BatchSums sums;                               ///< its training loss so far
  TrainingRecord record;                        ///< the epochs that are done
  double best_test_loss = 0;
  std::vector<torch::Tensor> weights;
  std::vector<torch::Tensor> best_weights;  ///< empty without early stopping
  Adam::State optimiser;
};

/// Whole or not at all. Throws Error.
void save_checkpoint(const std::filesystem::path& file, const TrainingState& state);

/// The bytes of a checkpoint. Throws Error when there is none.
std::string read_checkpoint(const std::filesystem::path& file);

/// Throws Error when the bytes of `file` are damaged, or have other settings than `expected` (the first difference is
/// named).
TrainingState parse_checkpoint(const std::filesystem::path& file, const std::string& bytes,
                               const std::map<std::string, std::string>& expected);

}  // namespace cloudmask
