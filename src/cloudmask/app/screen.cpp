#include <CLI/CLI.hpp>
#include <iostream>

#include "cloudmask/app/arguments.h"
#include "cloudmask/app/command.h"
#include "cloudmask/app/json_output.h"
#include "cloudmask/app/kept_memory.h"
#include "cloudmask/app/ranks.h"
#include "cloudmask/app/reported_run.h"
#include "cloudmask/base/clock.h"
#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/cloudmask.h"
#include "cloudmask/parallel/agreement.h"
#include "cloudmask/report/progress.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;

/// Shows progress and keeps no log: when tables are learnt and no mask is made.
class ProgressListener final : public RunListener {
 public:
  explicit ProgressListener(bool quiet)
      : progress_(std::cerr, progress_style(quiet), [watch = Stopwatch()] { return watch.elapsed_s(); }) {}
  ~ProgressListener() override { progress_.clear(); }
  void on_progress(const ProgressRecord& progress) override { progress_.show(progress); }

 private:
  Progress progress_;
};

class ScreenCommand final : public Command {
 public:
  CLI::App* add_to(CLI::App& program) override {
    CLI::App* command = program.add_subcommand("screen", "Find the clouds of scenes without a network");
    command->add_option("--method", method_, "threshold: published tests; bayesian: tables of likelihoods")
        ->check(CLI::IsMember({"threshold", "bayesian"}))
        ->required();
    arguments_.add_shorthand(*command, "--output", "output_dir", "Folder of the masks");
    command->add_option("--tests", tests_, "YAML file of threshold tests, instead of those compiled in");
    command->add_option("--tables", tables_, "HDF5 file of Bayesian tables, instead of <output>/bayesian_tables.h5");
    command->add_flag("--learn", learn_, "Learn the tables anew from the scenes given; no label is used");
    arguments_.add_masks(*command);
    arguments_.add_set(*command);
    json_.add_to(*command);
    command->add_option("INPUT", inputs_, "Scene files, .SEN3 products, or folders that are searched")->required();
    command->footer(
        "Masks are <output>/<scene file name>.h5, dataset `mask`: the probability of cloud, 1 is cloud, NaN no data;\n"
        "with --format netcdf <output>/<scene file name>.nc, variables cloud_probability and cloud_mask;\n"
        "with --format geotiff <output>/<scene file name>.tif, a map of products on --grid.\n"
        "Of the oblique view (--set view=oblique) they are <output>/<scene file name>.oblique.h5 and so on.\n"
        "Those of the threshold tests have a dataset `flags` too, one bit for each test. Bayesian tables are learnt "
        "from\n"
        "the scenes given when there are none in the output folder yet. docs/classical.md describes the methods.\n"
        "Examples:\n"
        "  cloudmask screen --method threshold --output masks scenes/\n"
        "  cloudmask screen --method threshold --tests my_tests.yaml --output masks S3A_one.hdf\n"
        "  cloudmask screen --method bayesian --output masks scenes/\n"
        "  cloudmask screen --method bayesian --learn --tables tables.h5 year/\n"
        "  cloudmask screen --method bayesian --tables tables.h5 --output masks scenes/");
    return command;
  }

  int run(const GlobalOptions& global) override {
    keep_freed_memory();
    Config config = arguments_.load();
    config.machine.device = "cpu";  // no method here has a use for another
    const bool bayesian = method_ == "bayesian";
    const bool want_masks = arguments_.overrides("output_dir");
    if (!bayesian && (learn_ || !tables_.empty())) throw UsageError("--learn and --tables go with --method bayesian");
    if (!want_masks && (!learn_ || tables_.empty())) {
      throw UsageError("screen takes --output DIR for the masks, or --learn --tables FILE to make tables only");
    }
    const fs::path tests = expand_home(tests_);
    const fs::path tables = tables_.empty()
                                ? config.report.output_dir / (result_name("bayesian_tables", config.data.view) + ".h5")
                                : fs::path(expand_home(tables_));
    const bool learn = bayesian && (learn_ || (tables_.empty() && !fs::exists(tables)));
    if (bayesian && !learn && !tests_.empty()) {
      throw UsageError("--tests goes with --learn: the tables are there already, " + tables.string());
    }
    if (bayesian && !learn && !fs::exists(tables)) {
      throw Error("--tables: no such file: " + tables.string() + "; make it with --learn");
    }
    const auto scenes = scenes_of_inputs(inputs_);
    if (!want_masks) {
      ProgressListener listener(global.quiet);
      learn_tables(tables, tests, config, scenes, listener);
      json_.write("", Summary{.files = {tables}});
      return 0;
    }
    return with_ranks(config, [&](const Config& own, Communicator& ranks) {
      Summary summary;
      with_reporter(own, {.command = "screen", .quiet = global.quiet, .benchmark_logs = false}, ranks,
                    [&](RunReporter* reporter) {
                      RunListener silent;
                      RunListener& listener = reporter != nullptr ? *reporter : silent;
                      do_on_first(ranks, [&] {
                        if (learn) learn_tables(tables, tests, own, scenes, listener);
                      });
                      const auto method = bayesian ? ScreeningMethod::kBayesian : ScreeningMethod::kThreshold;
                      const auto& output = own.report.output_dir;
                      const InferenceRecord record =
                          screen(method, bayesian ? tables : tests, own, output, scenes, listener, ranks);
                      report_masks(record, output, ranks);
                      summary = summarise(record, own);
                      if (learn) summary.files.push_back(tables);
                    });
      do_on_first(ranks, [&] { json_.write("", summary); });
      return summary.failures.empty() ? 0 : 1;
    });
  }

 private:
  ConfigArguments arguments_;
  JsonOutput json_;
  std::string method_;
  std::string tests_;
  std::string tables_;
  bool learn_ = false;
  std::vector<std::string> inputs_;
};

}  // namespace

std::unique_ptr<Command> make_screen_command() { return std::make_unique<ScreenCommand>(); }

}  // namespace cloudmask
