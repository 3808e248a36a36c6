#include <CLI/CLI.hpp>

#include "cloudmask/app/arguments.h"
#include "cloudmask/app/command.h"
#include "cloudmask/app/json_output.h"
#include "cloudmask/base/files.h"
#include "cloudmask/base/log.h"
#include "cloudmask/synthetic/synthetic_dataset.h"

namespace cloudmask {
namespace {

class SynthCommand final : public Command {
 public:
  CLI::App* add_to(CLI::App& program) override {
    CLI::App* command = program.add_subcommand("synth", "Make synthetic scenes whose clouds are known");
    command->add_option("DIR", folder_, "Folder for the scenes; made when missing")->required();
    command->add_option("--scenes", options_.scenes, "How many")->check(CLI::Range(1, 100'000))->required();
    command->add_option("--seed", options_.seed, "The same seed gives the same files")
        ->check(CLI::NonNegativeNumber)  // else -1 would wrap around
        ->capture_default_str();
    command->add_option("--night-fraction", options_.night_fraction, "Share of night scenes")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    command->add_option("--reflectance-grid", grid_, "Grid of the reflectances")
        ->check(CLI::IsMember({"1km", "500m"}))
        ->capture_default_str();
    command->add_option("--height", options_.height_px, "Rows")->check(CLI::Range(64, 8192))->capture_default_str();
    command->add_option("--width", options_.width_px, "Columns")->check(CLI::Range(64, 8192))->capture_default_str();
    command
        ->add_option("--label-errors", options_.variation.label_error,
                     "Share of wrong labels; left out: 0.09 to 0.14 by scene")
        ->check(CLI::Range(0.0, 0.5));
    command->add_option("--noise", options_.variation.noise, "Noise of the detectors, times the usual")
        ->check(CLI::Range(0.0, 100.0))
        ->capture_default_str();
    command
        ->add_option("--particle-size", options_.variation.particle_size,
                     "Size of droplets and crystals, times the usual: other optics of clouds")
        ->check(CLI::Range(0.25, 4.0))
        ->capture_default_str();
    command->add_flag("--full", options_.full, "Also the datasets that nothing reads, rads and summary");
    arguments_.add_set(*command);
    json_.add_to(*command);
    command->footer(
        "Scenes carry `truth` beside labels (`bayes`) with the errors that real ones have.\n"
        "Examples:\n"
        "  cloudmask synth data/train --scenes 20 --seed 1\n"
        "  cloudmask synth data/small --scenes 8 --height 256 --width 384 --night-fraction 0.5 --reflectance-grid "
        "500m\n"
        "  cloudmask synth data/right --scenes 8 --label-errors 0");
    return command;
  }

  int run(const GlobalOptions&) override {
    options_.reflectance_500m = grid_ == "500m";
    options_.threads = arguments_.load().machine.threads;
    const std::filesystem::path folder = expand_home(folder_);
    const auto files = write_synthetic_dataset(folder, options_);
    log_info(std::to_string(files.size()) + " scenes made in " + folder.string());
    json_.write("", Summary{.files = files});
    return 0;
  }

 private:
  ConfigArguments arguments_;
  JsonOutput json_;
  DatasetOptions options_;
  std::string folder_;
  std::string grid_ = "1km";
};

}  // namespace

std::unique_ptr<Command> make_synth_command() { return std::make_unique<SynthCommand>(); }

}  // namespace cloudmask
