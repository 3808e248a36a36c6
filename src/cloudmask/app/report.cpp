#include <CLI/CLI.hpp>
#include <iostream>

#include "cloudmask/app/arguments.h"
#include "cloudmask/app/command.h"
#include "cloudmask/base/files.h"
#include "cloudmask/report/html_report.h"

namespace cloudmask {
namespace {

class ReportCommand final : public Command {
 public:
  CLI::App* add_to(CLI::App& program) override {
    CLI::App* command = program.add_subcommand("report", "Write the HTML report of a run");
    command->add_option("RUN_DIR", run_dir_, "output_dir of the run")->required();
    command->add_option("--scenes", scenes_, "Folder of its scenes when they have moved")->type_name("DIR");
    command->add_option("--masks", masks_, "Folder of its masks when they have moved")->type_name("DIR");
    command->add_option("--gallery", gallery_scenes_, "Most scenes to show")
        ->check(CLI::Range(0, 1000))
        ->capture_default_str();
    arguments_.add_set(*command);
    command->footer("Examples:\n  cloudmask report output\n  cloudmask report output --scenes /data/ssts --gallery 6");
    return command;
  }

  int run(const GlobalOptions&) override {
    arguments_.load();  // a faulty --set is a fault here too
    const HtmlReportOptions options{
        .scenes = expand_home(scenes_), .masks = expand_home(masks_), .gallery_scenes = gallery_scenes_};
    std::cout << write_html_report(expand_home(run_dir_), options).string() << '\n';
    return 0;
  }

 private:
  ConfigArguments arguments_;
  std::string run_dir_;
  std::string scenes_;
  std::string masks_;
  int gallery_scenes_ = HtmlReportOptions{}.gallery_scenes;
};

}  // namespace

std::unique_ptr<Command> make_report_command() { return std::make_unique<ReportCommand>(); }

}  // namespace cloudmask
