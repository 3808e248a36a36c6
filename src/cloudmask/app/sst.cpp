#include <CLI/CLI.hpp>

#include "cloudmask/app/arguments.h"
#include "cloudmask/app/command.h"
#include "cloudmask/app/json_output.h"
#include "cloudmask/base/files.h"
#include "cloudmask/sst/sst_run.h"

namespace cloudmask {
namespace {

class SstCommand final : public Command {
 public:
  CLI::App* add_to(CLI::App& program) override {
    CLI::App* command =
        program.add_subcommand("sst", "Sea surface temperature where a mask is clear, and what it misses");
    command->add_option("INPUT", inputs_, "Scene files, or folders that are searched")->required();
    command->add_option("--output", output_, "Folder of the temperatures")->type_name("DIR")->required();
    command->add_option("--masks", masks_, "Folder of masks, instead of the labels of the scenes")->type_name("DIR");
    command->add_option("--coefficients", coefficients_, "Coefficients, instead of those built in")->type_name("FILE");
    json_.add_to(*command);
    arguments_.add_set(*command);
    command->footer(
        "Temperatures are <output>/<scene file name>.sst.h5, dataset `sst_k`: kelvin, NaN is cloud, land or no data.\n"
        "Of the oblique view (--set view=oblique) they are <output>/<scene file name>.oblique.sst.h5.\n"
        "By day the split window of S8 and S9, by night S7 with them; docs/sst.md says what is assumed of the air.\n"
        "Examples:\n"
        "  cloudmask sst --output sst --masks output data/ssts\n"
        "  cloudmask sst --output sst synthetic --json sst.json\n"
        "  cloudmask sst --output sst --coefficients config/sst_coefficients.yaml S3A_one.hdf");
    return command;
  }

  int run(const GlobalOptions&) override {
    SstOptions options;
    const Config config = arguments_.load();
    options.threshold = config.inference.threshold;
    options.view = config.data.view;
    options.coefficients =
        coefficients_.empty() ? default_sst_coefficients() : read_sst_coefficients(expand_home(coefficients_));
    options.scenes = scenes_of_inputs(inputs_);
    options.output = expand_home(output_);
    options.masks = expand_home(masks_);
    const SstRun run = run_sst(options);
    json_.write(sst_text(run), sst_json(run));
    return run.failures.empty() ? 0 : 1;
  }

 private:
  ConfigArguments arguments_;
  std::vector<std::string> inputs_;
  std::string output_;
  std::string masks_;
  std::string coefficients_;
  JsonOutput json_;
};

}  // namespace

std::unique_ptr<Command> make_sst_command() { return std::make_unique<SstCommand>(); }

}  // namespace cloudmask
