#include <CLI/CLI.hpp>
#include <iostream>

#include "cloudmask/app/arguments.h"
#include "cloudmask/app/bench_all_reduce.h"
#include "cloudmask/app/bench_report.h"
#include "cloudmask/app/command.h"
#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/benchmark.h"

namespace cloudmask {
namespace {

class BenchCommand final : public Command {
 public:
  CLI::App* add_to(CLI::App& program) override {
    CLI::App* command = program.add_subcommand("bench", "Time training, inference, reading or the sum over processes");
    command->add_option("WHAT", what_, "train, infer, read or allreduce")
        ->check(CLI::IsMember({"train", "infer", "read", "allreduce"}))
        ->required();
    command->add_option("INPUT", inputs_, "read: scene files, or folders that are searched");
    command->add_flag("--cold", cold_, "read: the system is asked to forget the files before each reading");
    command->add_option("--json", json_, "Write the figures there; - for standard output")->type_name("FILE");
    arguments_.add_config(*command);
    arguments_.add_set(*command);
    arguments_.add_shorthand(*command, "--device", "device", "auto, cpu, cuda or cuda:N");
    arguments_.add_shorthand(*command, "--precision", "precision", "auto, fp32 or bf16");
    command->footer(
        "The network of the configuration on random patches of PATCH_SIZE in batches of batch_size; infer also masks "
        "a\n"
        "random scene of 1200x1500 in memory. Each figure is the median over at least ten seconds.\n"
        "Examples:\n"
        "  cloudmask bench train\n"
        "  cloudmask bench infer --precision fp32 --json infer.json\n"
        "  cloudmask bench read data/ssts\n"
        "  cloudmask bench read data/ssts --cold\n"
        "  cloudmask bench allreduce --set gpu=2");
    return command;
  }

  int run(const GlobalOptions&) override {
    if (what_ == "allreduce") return bench_all_reduce(arguments_.load(), json_);
    const BenchmarkRecord record = measure(arguments_.load());
    if (json_ == "-") {
      std::cout << as_json(record);
    } else {
      std::cout << as_text(record);
      if (!json_.empty()) write_file_atomically(expand_home(json_), as_json(record));
    }
    return 0;
  }

 private:
  BenchmarkRecord measure(const Config& config) const {
    if (what_ == "train") return benchmark_training(config);
    if (what_ == "infer") return benchmark_inference(config);
    if (inputs_.empty()) throw UsageError("bench read takes scene files or folders");
    return benchmark_reading(config, scenes_of_inputs(inputs_), cold_);
  }

  ConfigArguments arguments_;
  std::string what_;
  std::vector<std::string> inputs_;
  std::string json_;
  bool cold_ = false;
};

}  // namespace

std::unique_ptr<Command> make_bench_command() { return std::make_unique<BenchCommand>(); }

}  // namespace cloudmask
