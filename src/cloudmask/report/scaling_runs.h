#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cloudmask/metrics/sum_time.h"

namespace cloudmask {

/// A training as a point of a scaling study. Times are means over its epochs but for the first, which also reads the
/// data (a training of one epoch counts with that). NaN: not told.
struct ScalingRun {
  std::string name;      ///< its folder, below that of the study
  std::string settings;  ///< in words; runs that differ in them say nothing about ranks
  RankLayout layout;
  int batch_size = 0;           ///< patches a step, over all ranks
  double training_patches = 0;  ///< of the data set
  double test_patches = 0;
  double gradient_bytes = 0;  ///< of a rank and step
  double gradient_messages = 0;
  int epochs = 0;    ///< that count
  double steps = 0;  ///< this and the next: of an epoch
  double patches = 0;
  double epoch_s = 0;  ///< whole; the next four are parts of it
  double compute_s = 0;
  double sums_s = 0;  ///< not hidden by computing, waiting for slower ranks included
  double wait_data_s = 0;
  double evaluate_s = 0;
  double spread_s = 0;            ///< standard deviation of a step's computing between the ranks
  double time_to_accuracy_s = 0;  ///< from the start of reading
};

struct SkippedRun {
  std::string name;
  std::string reason;
};

/// What a folder holds for a study.
struct ScalingFiles {
  std::vector<ScalingRun> runs;
  std::vector<SkippedRun> skipped;
  std::vector<SumTime> sums;           ///< of all files of `cloudmask bench allreduce --json`
  std::vector<std::string> sum_files;  ///< their names
};

/// Searches the folder for `run.jsonl` and for JSON of `bench allreduce`. A run that cannot be used (its training has
/// not ended, its ranks shared cores, it lacks a figure) is skipped with a warning. Throws Error when the folder cannot
/// be read or holds no run.
ScalingFiles find_scaling_files(const std::filesystem::path& folder);

}  // namespace cloudmask
