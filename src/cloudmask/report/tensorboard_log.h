#pragma once

#include <filesystem>

#include "cloudmask/config/options.h"
#include "cloudmask/metrics/run_record.h"
#include "cloudmask/report/evaluation.h"
#include "cloudmask/report/event_file.h"

namespace cloudmask {

/// `<output_dir>/tensorboard/`: what TensorBoard shows of a training. A run adds a file of its own; training that is
/// resumed goes on with its steps, training from scratch takes the place of what was there. Steps are epochs. Functions
/// throw Error when the file cannot be written.
class TensorboardLog {
 public:
  explicit TensorboardLog(const Config& config);

  void training_start(const TrainingRecord& training);
  void epoch(const EpochRecord& epoch);

  /// After inference: scores of the masks, and pictures of a few of them beside image and label. Scenes and masks that
  /// cannot be read are left out with a warning.
  void masks() const;
  void evaluation(const Evaluation& evaluation) const;

  void end(bool success) const;

 private:
  Config config_;
  EventFile file_;
  std::int64_t step_ = 0;
};

}  // namespace cloudmask
