#pragma once

#include <filesystem>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

#include "cloudmask/config/options.h"
#include "cloudmask/metrics/run_listener.h"
#include "cloudmask/report/evaluation.h"

namespace cloudmask {

enum class RunStatus { kSuccess, kFailed, kInterrupted };

struct RunReporterOptions {
  std::string command;               ///< "run", "train", "infer", "screen"
  bool quiet = false;                ///< no progress
  bool benchmark_logs = true;        ///< also `log_file` and `mlperf_logfile`
  std::ostream* progress = nullptr;  ///< standard error when null
};

/// Writes all that a run leaves behind besides model and masks: progress, `log_file`, `mlperf_logfile`,
/// `<output_dir>/run.jsonl` (each line on disk before the run goes on), `<output_dir>/tensorboard/` and
/// `<output_dir>/metrics.yml`. Files of an
/// earlier run in the same folder are continued. docs/logs.md describes them. One thread at a time.
class RunReporter final : public RunListener {
 public:
  /// Makes `output_dir` and opens the logs. Throws Error when one cannot be written.
  RunReporter(const Config& config, const MachineRecord& machine, const RunReporterOptions& options);

  /// A run that was never finished is logged as failed.
  ~RunReporter() override;

  void on_training_start(const MachineRecord& machine, const TrainingRecord& training) override;
  void on_progress(const ProgressRecord& progress) override;
  void on_epoch(const EpochRecord& epoch) override;
  void on_training_end(const TrainingRecord& training) override;
  void on_inference_start(const MachineRecord& machine, const InferenceRecord& inference) override;
  void on_scene(const SceneRecord& scene) override;
  void on_inference_end(const InferenceRecord& inference) override;

  /// After inference, before finish().
  void on_evaluation(const Evaluation& evaluation);

  /// What went wrong, in the words the user sees; before finish().
  void on_error(std::string_view message);

  /// Ends the logs and writes metrics.yml. Call once.
  void finish(RunStatus status);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace cloudmask
