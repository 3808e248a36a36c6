#include <CLI/CLI.hpp>

#include "cloudmask/app/arguments.h"
#include "cloudmask/app/command.h"
#include "cloudmask/app/json_output.h"
#include "cloudmask/base/files.h"
#include "cloudmask/report/evaluation.h"

namespace cloudmask {
namespace {

class EvaluateCommand final : public Command {
 public:
  CLI::App* add_to(CLI::App& program) override {
    CLI::App* command =
        program.add_subcommand("evaluate", "Score masks against the labels or the truth of their scenes");
    command->add_option("--masks", masks_, "Folder of masks")->type_name("DIR")->required();
    command->add_option("--scenes", scenes_, "Folder of scenes, searched; or one scene")->type_name("DIR")->required();
    command
        ->add_option("--against", against_,
                     "bayes: the labels; summary: the threshold tests of ESA's products; truth: of synthetic scenes")
        ->check(CLI::IsMember({"bayes", "summary", "truth"}))
        ->capture_default_str();
    json_.add_to(*command);
    arguments_.add_set(*command);
    command->footer(
        "The threshold is the one that each mask was made for; --set threshold=T takes another.\n"
        "Examples:\n"
        "  cloudmask evaluate --masks output --scenes data/ssts\n"
        "  cloudmask evaluate --masks output --scenes synthetic --against truth --json scores.json");
    return command;
  }

  int run(const GlobalOptions&) override {
    const Config config = arguments_.load();
    const EvaluationOptions options{.masks = expand_home(masks_),
                                    .scenes = expand_home(scenes_),
                                    .against = reference(),
                                    .threshold = config.inference.threshold,
                                    .model = {},
                                    .view = config.data.view};
    const Evaluation evaluation = evaluate(options);
    json_.write(evaluation_text(evaluation), evaluation_json(evaluation));
    return evaluation.failures.empty() ? 0 : 1;
  }

 private:
  Reference reference() const {
    if (against_ == "truth") return Reference::kTruth;
    return against_ == "summary" ? Reference::kSummary : Reference::kLabel;
  }

  ConfigArguments arguments_;
  std::string masks_;
  std::string scenes_;
  std::string against_ = "bayes";
  JsonOutput json_;
};

}  // namespace

std::unique_ptr<Command> make_evaluate_command() { return std::make_unique<EvaluateCommand>(); }

}  // namespace cloudmask
