#include <CLI/CLI.hpp>

#include "cloudmask/app/arguments.h"
#include "cloudmask/app/command.h"
#include "cloudmask/app/json_output.h"
#include "cloudmask/app/ranks.h"
#include "cloudmask/app/reported_run.h"
#include "cloudmask/base/error.h"
#include "cloudmask/parallel/agreement.h"
#include "cloudmask/scene/scene_reader.h"

namespace cloudmask {
namespace {

class InferCommand final : public Command {
 public:
  CLI::App* add_to(CLI::App& program) override {
    CLI::App* command = program.add_subcommand("infer", "Find the clouds of scenes with a trained network");
    arguments_.add_config(*command);
    arguments_.add_set(*command);
    json_.add_to(*command);
    arguments_.add_shorthand(*command, "--model", "model_file", "Trained network, instead of model_file");
    arguments_.add_shorthand(*command, "--output", "output_dir", "Folder of the masks, instead of output_dir");
    arguments_.add_shorthand(*command, "--device", "device", "auto, cpu, cuda or cuda:N");
    arguments_.add_shorthand(*command, "--precision", "precision", "auto, fp32 or bf16");
    arguments_.add_masks(*command);
    command->add_option("INPUT", inputs_,
                        "Scene files, .SEN3 products, or folders that are searched, instead of inference_dir");
    command->footer(
        "Masks are <output>/<scene file name>.h5, dataset `mask`: the probability of cloud, 1 is cloud, NaN no data;\n"
        "with --format netcdf <output>/<scene file name>.nc, variables cloud_probability and cloud_mask;\n"
        "with --format geotiff <output>/<scene file name>.tif, a map of products on --grid.\n"
        "Of the oblique view (--set view=oblique) they are <output>/<scene file name>.oblique.h5 and so on.\n"
        "Examples:\n"
        "  cloudmask infer --config run.yaml\n"
        "  cloudmask infer --model cloudModel.h5 --output masks scenes/\n"
        "  cloudmask infer --model cloudModel.h5 --output masks --format netcdf S3A_SL_1_RBT____2021....SEN3\n"
        "  cloudmask infer --model cloudModel.h5 --output maps --format geotiff --grid EPSG:3413@1000 products/\n"
        "  cloudmask infer --model cloudModel.h5 --output masks --set tile_mode=patches S3A_one.hdf S3A_two.hdf");
    return command;
  }

  int run(const GlobalOptions& global) override {
    const Config config = arguments_.load();
    const bool complete = arguments_.overrides("model_file") && arguments_.overrides("output_dir") && !inputs_.empty();
    if (!arguments_.has_config() && !complete) {
      throw UsageError("infer takes --config FILE, or --model FILE --output DIR INPUT...");
    }
    std::error_code unreadable;  // read_model says why
    if (!std::filesystem::exists(config.report.model_file, unreadable) && !unreadable) {
      throw Error("model_file: no such file: " + config.report.model_file.string() +
                  "; make one with `cloudmask train`");
    }
    const auto scenes =
        inputs_.empty() ? scenes_of_key("inference_dir", config.data.inference_dir) : scenes_of_inputs(inputs_);
    return with_ranks(config, [&](const Config& own, Communicator& ranks) {
      Summary summary;
      with_reporter(
          own, {.command = "infer", .quiet = global.quiet, .benchmark_logs = arguments_.has_config()}, ranks,
          [&](RunReporter* reporter) { summary = summarise(infer_reported(own, scenes, reporter, ranks), own); });
      do_on_first(ranks, [&] { json_.write("", summary); });
      return summary.failures.empty() ? 0 : 1;
    });
  }

 private:
  ConfigArguments arguments_;
  JsonOutput json_;
  std::vector<std::string> inputs_;
};

}  // namespace

std::unique_ptr<Command> make_infer_command() { return std::make_unique<InferCommand>(); }

}  // namespace cloudmask
