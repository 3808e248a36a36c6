#pragma once

#include <filesystem>
#include <functional>

#include "cloudmask/app/command.h"
#include "cloudmask/config/options.h"
#include "cloudmask/report/run_reporter.h"

namespace cloudmask {

/// Proves before the work starts that its outputs can be written, opens the logs, does the work, and closes the logs
/// with how it ended: what `work` throws is logged and thrown on. Throws Error naming the key for an unwritable output.
void with_reporter(const Config& config, const RunReporterOptions& options,
                   const std::function<void(RunReporter&)>& work);

/// Trains and says where the model is.
void train_reported(const Config& config, bool resume, RunReporter& reporter);

/// Says how many masks were made and lists the scenes that failed. Returns how many did.
std::size_t report_masks(const InferenceRecord& record, const std::filesystem::path& output_dir);

/// Masks the scenes into output_dir with the network; report_masks().
std::size_t infer_reported(const Config& config, const std::vector<std::filesystem::path>& scenes,
                           RunReporter& reporter);

}  // namespace cloudmask
