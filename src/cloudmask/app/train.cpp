#include <CLI/CLI.hpp>

#include "cloudmask/app/arguments.h"
#include "cloudmask/app/command.h"
#include "cloudmask/app/json_output.h"
#include "cloudmask/app/ranks.h"
#include "cloudmask/app/reported_run.h"
#include "cloudmask/base/log.h"
#include "cloudmask/parallel/agreement.h"
#include "cloudmask/report/html_report.h"
#include "cloudmask/scene/scene_reader.h"

namespace cloudmask {
namespace {

class TrainCommand final : public Command {
 public:
  CLI::App* add_to(CLI::App& program) override {
    CLI::App* command = program.add_subcommand("train", "Train the network on the scenes of train_dir");
    arguments_.add_config(*command)->required();
    arguments_.add_set(*command);
    json_.add_to(*command);
    arguments_.add_shorthand(*command, "--device", "device", "auto, cpu, cuda or cuda:N");
    arguments_.add_shorthand(*command, "--precision", "precision", "auto, fp32 or bf16");
    arguments_.add_flag(*command, "--keep-going", "keep_going", "Train without unreadable scenes instead of stopping");
    arguments_.add_flag(*command, "--unsupervised", "supervision", "Train without opening any label (bayes)", "none");
    command->add_flag("--resume", resume_, "Go on from the checkpoint beside the model file");
    command->footer(
        "Examples:\n"
        "  cloudmask train --config run.yaml\n"
        "  cloudmask train --config run.yaml --resume\n"
        "  cloudmask train --config run.yaml --set epochs=30 --set batch_size=16 --device cpu\n"
        "  cloudmask train --config run.yaml --set gpu=2   # two processes here, each with a GPU or half of the cores\n"
        "  mpirun -n 8 --hostfile hosts --bind-to none cloudmask train --config run.yaml\n"
        "  cloudmask train --config run.yaml --unsupervised\n\n"
        "--unsupervised is --set supervision=none. What teaches the network is then found in the scenes themselves, "
        "and\n"
        "the test accuracy in the logs is agreement with that, not with labels (docs/unsupervised.md).");
    return command;
  }

  int run(const GlobalOptions& global) override {
    const Config config = arguments_.load();
    scenes_of_key("train_dir", config.data.train_dir);
    return with_ranks(config, [&](const Config& own, Communicator& ranks) {
      TrainingRecord record;
      with_reporter(own, {.command = "train", .quiet = global.quiet}, ranks,
                    [&](RunReporter* reporter) { record = train_reported(own, resume_, reporter, ranks); });
      do_on_first(ranks, [&] {
        const auto page = write_html_report(own.report.output_dir);
        log_info("report: " + page.string());
        json_.write("", Summary{.files = {own.report.model_file, page}, .more = {{"training", to_json(record)}}});
      });
      return 0;
    });
  }

 private:
  ConfigArguments arguments_;
  JsonOutput json_;
  bool resume_ = false;
};

}  // namespace

std::unique_ptr<Command> make_train_command() { return std::make_unique<TrainCommand>(); }

}  // namespace cloudmask
