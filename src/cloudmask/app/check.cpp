#include <CLI/CLI.hpp>
#include <iostream>

#include "cloudmask/app/arguments.h"
#include "cloudmask/app/command.h"
#include "cloudmask/app/dry_run.h"
#include "cloudmask/app/json_output.h"
#include "cloudmask/base/clock.h"
#include "cloudmask/report/progress.h"

namespace cloudmask {
namespace {

class CheckCommand final : public Command {
 public:
  CLI::App* add_to(CLI::App& program) override {
    CLI::App* command = program.add_subcommand(
        "check", "Look at everything a run will need, list every fault with its remedy, and write nothing");
    arguments_.add_config(*command)->required();
    arguments_.add_set(*command);
    json_.add_to(*command);
    command->add_flag("--headers", headers_only_, "The quick look: the headers of the scenes instead of all values");
    command->footer(
        "Examples:\n"
        "  cloudmask check --config run.yaml\n"
        "  cloudmask check --config run.yaml --headers\n\n" +
        key_help());
    return command;
  }

  int run(const GlobalOptions& global) override {
    const Config config = arguments_.load();
    Progress progress(std::cerr, progress_style(global.quiet), [watch = Stopwatch()] { return watch.elapsed_s(); });
    const DryRun found = dry_run(config, {.headers_only = headers_only_,
                                          .on_progress = [&](const ProgressRecord& record) { progress.show(record); }});
    progress.clear();
    std::string text;
    Summary summary;
    for (const std::string& fact : found.facts) text += fact + '\n';
    for (const std::string& fault : found.faults) {
      text += "FAULT " + fault + '\n';
      summary.failures.push_back({"", fault});
    }
    if (found.faults.empty()) {
      text += std::string("no faults found") + (headers_only_ ? " (scenes: headers only)" : "") + '\n';
    } else {
      text += std::to_string(found.faults.size()) + (found.faults.size() == 1 ? " fault\n" : " faults\n");
    }
    summary.more["facts"] = found.facts;
    json_.write(text, summary);
    return found.faults.empty() ? 0 : 1;
  }

 private:
  ConfigArguments arguments_;
  JsonOutput json_;
  bool headers_only_ = false;
};

}  // namespace

std::unique_ptr<Command> make_check_command() { return std::make_unique<CheckCommand>(); }

}  // namespace cloudmask
