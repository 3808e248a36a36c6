#include <CLI/CLI.hpp>

#include "cloudmask/app/arguments.h"
#include "cloudmask/app/command.h"
#include "cloudmask/app/json_output.h"
#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/report/html_report.h"
#include "cloudmask/report/scaling_report.h"

namespace cloudmask {
namespace {

class ReportCommand final : public Command {
 public:
  CLI::App* add_to(CLI::App& program) override {
    CLI::App* command = program.add_subcommand("report", "Write the HTML report of a run, or of a scaling study");
    command->add_option("RUN_DIR", run_dir_, "output_dir of the run");
    command->add_option("--scenes", scenes_, "Folder of its scenes when they have moved")->type_name("DIR");
    command->add_option("--masks", masks_, "Folder of its masks when they have moved")->type_name("DIR");
    command->add_option("--gallery", gallery_scenes_, "Most scenes to show")
        ->check(CLI::Range(0, 1000))
        ->capture_default_str();
    command->add_option("--scaling", scaling_dir_, "Instead of RUN_DIR: compare the runs below DIR by their ranks")
        ->type_name("DIR");
    command
        ->add_option("--cluster", cluster_, "--scaling: the machine to forecast for; config/cluster.yaml if not given")
        ->type_name("FILE");
    json_.add_to(*command);
    command->add_option("--html", html_, "--scaling: write the page there; DIR/scaling.html if not given")
        ->type_name("FILE");
    arguments_.add_set(*command);
    command->footer(
        "--scaling prints strong and weak scaling of the runs (folders with run.jsonl), the parts of their epochs, "
        "and\n"
        "what to expect of more ranks; with the JSON of `cloudmask bench allreduce` in DIR it knows what sums take.\n"
        "docs/scaling.md explains the figures; `make scaling` makes such runs.\n"
        "Examples:\n"
        "  cloudmask report output\n"
        "  cloudmask report output --scenes /data/ssts --gallery 6\n"
        "  cloudmask report --scaling study\n"
        "  cloudmask report --scaling study --cluster ours.yaml --json scaling.json");
    return command;
  }

  int run(const GlobalOptions&) override {
    const Config config = arguments_.load();
    if (run_dir_.empty() == scaling_dir_.empty()) throw UsageError("report takes RUN_DIR, or --scaling DIR");
    if (scaling_dir_.empty() && !(cluster_.empty() && html_.empty())) {
      throw UsageError("report: --cluster and --html go with --scaling DIR");
    }
    return scaling_dir_.empty() ? report_run(config.data.view) : report_scaling();
  }

 private:
  int report_run(View view) const {
    HtmlReportOptions options{
        .scenes = expand_home(scenes_), .masks = expand_home(masks_), .gallery_scenes = gallery_scenes_, .view = {}};
    if (arguments_.overrides("view")) options.view = view;
    const std::filesystem::path page = write_html_report(expand_home(run_dir_), options);
    json_.write(page.string() + '\n', Summary{.files = {page}});
    return 0;
  }

  int report_scaling() const {
    const std::filesystem::path folder = expand_home(scaling_dir_);
    const Cluster cluster = cluster_.empty() ? default_cluster() : read_cluster(expand_home(cluster_));
    const ScalingReport report = make_scaling_report(folder, cluster);
    const std::filesystem::path page = html_.empty() ? folder / "scaling.html" : expand_home(html_);
    write_scaling_page(page, report);
    json_.write(scaling_text(report) + '\n' + page.string() + '\n', scaling_json(report));
    return 0;
  }

  ConfigArguments arguments_;
  std::string run_dir_;
  std::string scenes_;
  std::string masks_;
  std::string scaling_dir_;
  std::string cluster_;
  JsonOutput json_;
  std::string html_;
  int gallery_scenes_ = HtmlReportOptions{}.gallery_scenes;
};

}  // namespace

std::unique_ptr<Command> make_report_command() { return std::make_unique<ReportCommand>(); }

}  // namespace cloudmask
