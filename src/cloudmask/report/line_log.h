#pragma once

#include <string>

#include "cloudmask/metrics/run_record.h"

namespace cloudmask {

/// The two lines of the reference program's `log_file`, letter for letter, with a line end. `samples` is the number of
/// scene files in `train_dir`; `epochs` and `time_per_epoch` are those of the epochs really run, `nodes` and `gpus`
/// (0 on a processor) are what was measured. Seconds.
std::string training_line(const MachineRecord& machine, const TrainingRecord& training);

/// `inferences` counts the scenes that this run masked. Empty when it masked none: there is no time to tell.
std::string inference_line(const MachineRecord& machine, const InferenceRecord& inference);

}  // namespace cloudmask
