#include "cloudmask/report/run_reporter.h"

#include <exception>
#include <iostream>
#include <memory>

#include "cloudmask/base/clock.h"
#include "cloudmask/base/files.h"
#include "cloudmask/base/log.h"
#include "cloudmask/base/version.h"
#include "cloudmask/report/evaluation_json.h"
#include "cloudmask/report/line_log.h"
#include "cloudmask/report/metrics_yml.h"
#include "cloudmask/report/mlperf_log.h"
#include "cloudmask/report/progress.h"
#include "cloudmask/report/run_history.h"
#include "cloudmask/report/run_log.h"
#include "cloudmask/report/tensorboard_log.h"

namespace cloudmask {
namespace {

const char* status_name(RunStatus status) {
  switch (status) {
    case RunStatus::kSuccess:
      return "success";
    case RunStatus::kInterrupted:
      return "interrupted";
    case RunStatus::kFailed:
      break;
  }
  return "failed";
}

std::filesystem::path made_folder(const std::filesystem::path& folder) {
  make_folder(folder);
  return folder;
}

}  // namespace

struct RunReporter::Parts {
  Parts(const Config& config, const RunReporterOptions& options)
      : run_config(config),
        run_dir(made_folder(config.report.output_dir)),
        run_log(run_dir / "run.jsonl"),
        progress(
            options.progress != nullptr ? *options.progress : std::cerr,
            options.progress != nullptr && !options.quiet ? Progress::Style::kPlain : progress_style(options.quiet),
            [watch = Stopwatch()] { return watch.elapsed_s(); }) {
    if (options.benchmark_logs) {
      line_log = config.report.log_file;
      append_to_file(line_log, "");
      mlperf = std::make_unique<MlperfLog>(config, config.report.mlperf_logfile);
    }
  }

  Config run_config;
  std::filesystem::path run_dir;
  RunLog run_log;
  Progress progress;
  std::filesystem::path line_log;               // empty: not wanted
  std::unique_ptr<MlperfLog> mlperf;            // nullptr: not wanted
  std::unique_ptr<TensorboardLog> tensorboard;  // of runs that train
  MachineRecord machine;
  int epochs = 0;
  bool finished = false;
};

RunReporter::RunReporter(const Config& config, const MachineRecord& machine, const RunReporterOptions& options)
    : parts_(std::make_unique<Parts>(config, options)) {
  parts_->machine = machine;
  parts_->run_log.append("run_start", {{"command", options.command},
                                       {"version", kVersion},
                                       {"config", to_json(config)},
                                       {"machine", to_json(machine)}});
}

RunReporter::~RunReporter() {
  if (parts_->finished) return;
  try {
    finish(RunStatus::kFailed);
  } catch (const std::exception& error) {
    log_error(error.what());
  }
}

void RunReporter::on_training_start(const MachineRecord& machine, const TrainingRecord& training) {
  parts_->machine = machine;
  parts_->epochs = training.epochs_configured;
  parts_->run_log.append("training_start", {{"training_scenes", training.training_scenes},
                                            {"test_scenes", training.test_scenes},
                                            {"training_patches", training.training_patches},
                                            {"test_patches", training.test_patches},
                                            {"batch_size", training.batch_size},
                                            {"gradient_bytes", training.gradient_bytes},
                                            {"gradient_messages", training.gradient_messages},
                                            {"epochs_configured", training.epochs_configured},
                                            {"epochs_done", training.epochs.size()},
                                            {"machine", to_json(machine)}});
  if (parts_->mlperf) parts_->mlperf->training_start(machine, training);
  parts_->tensorboard = std::make_unique<TensorboardLog>(parts_->run_config);
  parts_->tensorboard->training_start(training);
}

void RunReporter::on_progress(const ProgressRecord& progress) { parts_->progress.show(progress); }

void RunReporter::on_epoch(const EpochRecord& epoch) {
  parts_->run_log.append("epoch", to_json(epoch));
  if (parts_->mlperf) parts_->mlperf->epoch(epoch);
  parts_->tensorboard->epoch(epoch);
  parts_->progress.keep(describe_epoch(epoch, parts_->epochs));
}

void RunReporter::on_training_end(const TrainingRecord& training) {
  parts_->progress.clear();
  parts_->run_log.append("training_end", to_json(training));
  if (parts_->mlperf) parts_->mlperf->training_end(training);
  if (!parts_->line_log.empty()) append_to_file(parts_->line_log, training_line(parts_->machine, training));
}

void RunReporter::on_inference_start(const MachineRecord& machine, const InferenceRecord& inference) {
  parts_->machine = machine;
  parts_->run_log.append(
      "inference_start",
      {{"batch_size", inference.batch_size}, {"tile_mode", inference.tile_mode}, {"machine", to_json(machine)}});
  if (parts_->mlperf) parts_->mlperf->inference_start(machine);
}

void RunReporter::on_scene(const SceneRecord& scene) {
  parts_->run_log.append("scene", to_json(scene));
  parts_->progress.keep(describe_scene(scene));
}

void RunReporter::on_inference_end(const InferenceRecord& inference) {
  parts_->progress.clear();
  parts_->run_log.append("inference_end", to_json(inference));
  if (parts_->mlperf) parts_->mlperf->inference_end(inference);
  const std::string line = inference_line(parts_->machine, inference);
  if (!parts_->line_log.empty() && !line.empty()) append_to_file(parts_->line_log, line);
  if (parts_->tensorboard) parts_->tensorboard->masks();
}

void RunReporter::on_evaluation(const Evaluation& evaluation) {
  parts_->run_log.append("evaluation", to_json(evaluation));
  if (parts_->tensorboard) parts_->tensorboard->evaluation(evaluation);
  if (!parts_->mlperf) return;
  const auto log_accuracy = [&](const char* reference, const Scores& scores) {
    if (scores.pixels > 0) parts_->mlperf->evaluation(scores.accuracy, reference);
  };
  log_accuracy("bayes", score(evaluation.label.all));
  log_accuracy("truth", score(evaluation.truth.all));
}

void RunReporter::on_error(std::string_view message) {
  parts_->progress.clear();
  parts_->run_log.append("error", {{"message", message}});
}

void RunReporter::finish(RunStatus status) {
  parts_->finished = true;
  parts_->progress.clear();
  parts_->run_log.append("run_end", {{"status", status_name(status)}});
  if (parts_->mlperf) parts_->mlperf->run_stop(status == RunStatus::kSuccess ? "success" : "aborted");
  if (parts_->tensorboard) parts_->tensorboard->end(status == RunStatus::kSuccess);
  write_metrics_yml(parts_->run_dir, read_run_history(parts_->run_dir));
}

}  // namespace cloudmask
