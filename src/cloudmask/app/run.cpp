#include <CLI/CLI.hpp>

#include "cloudmask/app/arguments.h"
#include "cloudmask/app/command.h"
#include "cloudmask/app/json_output.h"
#include "cloudmask/app/ranks.h"
#include "cloudmask/app/reported_run.h"
#include "cloudmask/base/error.h"
#include "cloudmask/base/log.h"
#include "cloudmask/parallel/agreement.h"
#include "cloudmask/report/evaluation_json.h"
#include "cloudmask/report/html_report.h"
#include "cloudmask/scene/scene_reader.h"

namespace cloudmask {
namespace {

/// Scores are a gift of scenes that carry labels: without them the run is complete all the same.
Json evaluate_reported(const Config& config, RunReporter& reporter) {
  if (config.inference.mask_format == MaskFormat::kGeotiff) {
    log_info("no scores: maps have other pixels than the scenes; mask_format: hdf5 or netcdf gives some");
    return nullptr;
  }
  try {
    const Evaluation evaluation = evaluate({.masks = config.report.output_dir,
                                            .scenes = config.data.inference_dir,
                                            .against = Reference::kLabel,
                                            .threshold = config.inference.threshold,
                                            .model = config.report.model_file,
                                            .view = config.data.view});
    reporter.on_evaluation(evaluation);
    return to_json(evaluation);
  } catch (const Interrupted&) {
    throw;
  } catch (const Error& error) {
    log_info(std::string("no scores: ") + error.what());
    return nullptr;
  }
}

class RunCommand final : public Command {
 public:
  CLI::App* add_to(CLI::App& program) override {
    CLI::App* command = program.add_subcommand(
        "run", "Train on train_dir, then find the clouds of inference_dir and judge them: the whole benchmark");
    arguments_.add_config(*command)->required();
    arguments_.add_set(*command);
    json_.add_to(*command);
    arguments_.add_shorthand(*command, "--device", "device", "auto, cpu, cuda or cuda:N");
    arguments_.add_shorthand(*command, "--precision", "precision", "auto, fp32 or bf16");
    arguments_.add_flag(*command, "--overwrite", "overwrite", "Make masks again that are there and up to date");
    arguments_.add_flag(*command, "--keep-going", "keep_going", "Train without unreadable scenes instead of stopping");
    arguments_.add_flag(*command, "--unsupervised", "supervision", "Train without opening any label (bayes)", "none");
    command->add_flag("--resume", resume_, "Go on with training from the checkpoint beside the model file");
    command->footer(
        "Examples:\n"
        "  cloudmask run --config cloudMaskConfig.yaml\n"
        "  cloudmask run --config run.yaml --set epochs=30 --set output_dir=results");
    return command;
  }

  int run(const GlobalOptions& global) override {
    const Config config = arguments_.load();
    scenes_of_key("train_dir", config.data.train_dir);
    const auto scenes = scenes_of_key("inference_dir", config.data.inference_dir);
    return with_ranks(config, [&](const Config& own, Communicator& ranks) {
      Summary summary;
      with_reporter(own, {.command = "run", .quiet = global.quiet}, ranks, [&](RunReporter* reporter) {
        const TrainingRecord training = train_reported(own, resume_, reporter, ranks);
        summary = summarise(infer_reported(own, scenes, reporter, ranks), own);
        summary.more["training"] = to_json(training);
        do_on_first(ranks, [&] { summary.more["evaluation"] = evaluate_reported(own, *reporter); });
      });
      do_on_first(ranks, [&] {
        const auto page = write_html_report(own.report.output_dir);
        log_info("report: " + page.string());
        summary.files.insert(summary.files.end(), {own.report.model_file, page});
        json_.write("", summary);
      });
      return summary.failures.empty() ? 0 : 1;
    });
  }

 private:
  ConfigArguments arguments_;
  JsonOutput json_;
  bool resume_ = false;
};

}  // namespace

std::unique_ptr<Command> make_run_command() { return std::make_unique<RunCommand>(); }

}  // namespace cloudmask
