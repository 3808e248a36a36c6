#include "cloudmask/app/reported_run.h"

#include <fmt/format.h>

#include <memory>

#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/base/log.h"
#include "cloudmask/base/plain_errors.h"
#include "cloudmask/cloudmask.h"
#include "cloudmask/model/model_file.h"
#include "cloudmask/parallel/agreement.h"
#include "cloudmask/parallel/processors.h"
#include "cloudmask/scene/map_file.h"
#include "cloudmask/scene/mask_file.h"

namespace cloudmask {
namespace {

void require_writable(const std::string& key, const std::filesystem::path& folder) {
  try {
    require_writable_folder(folder.empty() ? "." : folder);
  } catch (const Error& error) {
    throw Error(key + ": " + error.what());
  }
}

/// Also what is written only after the first epoch: nobody wants to learn an hour later that a name is too long.
void require_writable_outputs(const Config& config, const RunReporterOptions& options) {
  require_writable("output_dir", config.report.output_dir);
  if (options.benchmark_logs) {
    require_writable("log_file", config.report.log_file.parent_path());
    require_writable("mlperf_logfile", config.report.mlperf_logfile.parent_path());
  }
  if (options.command != "train" && config.inference.mask_format == MaskFormat::kGeotiff) {
    require_map_grid(config.inference.mask_grid);
  }
  if (options.command == "infer" || options.command == "screen") return;
  require_writable_model(config.report.model_file);
}

void log_failure(RunReporter& reporter, RunStatus status, const std::string& message) {
  try {
    reporter.on_error(message);
    reporter.finish(status);
  } catch (const Error& error) {
    log_warning(error.what());  // what went wrong first is what the user must see
  }
}

}  // namespace

void with_reporter(const Config& config, const RunReporterOptions& options, Communicator& ranks,
                   const std::function<void(RunReporter*)>& work) {
  std::unique_ptr<RunReporter> reporter;
  do_on_first(ranks, [&] {
    require_writable_outputs(config, options);
    const MachineRecord machine = options.command == "screen" ? describe_processors(config.machine.threads, ranks)
                                                              : describe_machine(config, ranks);
    reporter = std::make_unique<RunReporter>(config, machine, options);
  });
  try {
    work(reporter.get());
  } catch (const Interrupted& error) {
    if (reporter) log_failure(*reporter, RunStatus::kInterrupted, error.what());
    throw;
  } catch (const std::exception& error) {
    if (reporter) log_failure(*reporter, RunStatus::kFailed, plain_message(error));
    throw;
  }
  do_on_first(ranks, [&] { reporter->finish(RunStatus::kSuccess); });
}

TrainingRecord train_reported(const Config& config, bool resume, RunReporter* reporter, Communicator& ranks) {
  RunListener silent;
  TrainingRecord record = train(config, resume, reporter != nullptr ? *reporter : silent, ranks);
  log_info(fmt::format("trained {} epochs in {:.1f} s (stopped by: {}), best test accuracy {:.4f} in epoch {}: {}",
                       record.epochs.size(), record.time_s, record.stopped_because, record.best_test_accuracy,
                       record.best_epoch, config.report.model_file.string()));
  return record;
}

void report_masks(const InferenceRecord& record, const std::filesystem::path& output_dir, const Communicator& ranks) {
  std::size_t failed = 0;
  std::size_t skipped = 0;
  for (const SceneRecord& scene : record.scenes) {
    failed += scene.error.empty() ? 0 : 1;
    skipped += scene.skipped ? 1 : 0;
  }
  log_info(fmt::format("{} masks made in {:.1f} s, {} were up to date: {}", record.scenes.size() - failed - skipped,
                       record.time_s, skipped, output_dir.string()));
  if (ranks.rank() != 0) return;
  if (failed > 0) log_error(fmt::format("{} of {} scenes have no mask:", failed, record.scenes.size()));
  for (const SceneRecord& scene : record.scenes) {
    if (!scene.error.empty()) log_error(scene.error);
  }
}

InferenceRecord infer_reported(const Config& config, const std::vector<std::filesystem::path>& scenes,
                               RunReporter* reporter, Communicator& ranks) {
  RunListener silent;
  InferenceRecord record = infer(config, config.report.model_file, config.report.output_dir, scenes,
                                 reporter != nullptr ? *reporter : silent, ranks);
  report_masks(record, config.report.output_dir, ranks);
  return record;
}

Summary summarise(const InferenceRecord& record, const Config& config) {
  Summary summary;
  summary.more["inference"] = to_json(record);
  summary.more["scenes"] = Json::array();
  for (const SceneRecord& scene : record.scenes) {
    summary.more["scenes"].push_back(to_json(scene));
    if (scene.error.empty()) {
      summary.files.push_back(
          mask_path(config.report.output_dir, scene.name, config.data.view, config.inference.mask_format));
    } else {
      summary.failures.push_back({scene.name, scene.error});
    }
  }
  return summary;
}

}  // namespace cloudmask
