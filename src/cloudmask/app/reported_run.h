#pragma once

#include <filesystem>
#include <functional>

#include "cloudmask/app/command.h"
#include "cloudmask/app/json_output.h"
#include "cloudmask/config/options.h"
#include "cloudmask/parallel/communicator.h"
#include "cloudmask/report/run_reporter.h"

namespace cloudmask {

/// Proves before the work starts that its outputs can be written, opens the logs, does the work, and closes the logs
/// with how it ended: what `work` throws is logged and thrown on. Rank 0 alone has logs: on the others `work` gets no
/// reporter. Throws Error naming the key for an unwritable output.
void with_reporter(const Config& config, const RunReporterOptions& options, Communicator& ranks,
                   const std::function<void(RunReporter*)>& work);

/// Trains and says where the model is. All ranks call it.
TrainingRecord train_reported(const Config& config, bool resume, RunReporter* reporter, Communicator& ranks);

/// Says how many masks were made and, on rank 0, lists the scenes that failed.
void report_masks(const InferenceRecord& record, const std::filesystem::path& output_dir, const Communicator& ranks);

/// Masks the scenes into output_dir with the network; report_masks(). All ranks call it.
InferenceRecord infer_reported(const Config& config, const std::vector<std::filesystem::path>& scenes,
                               RunReporter* reporter, Communicator& ranks);

/// Masks, the scenes that have none, and what each scene took.
Summary summarise(const InferenceRecord& record, const Config& config);

}  // namespace cloudmask
