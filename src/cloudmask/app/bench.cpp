#include <CLI/CLI.hpp>

#include "cloudmask/app/arguments.h"
#include "cloudmask/app/bench_all_reduce.h"
#include "cloudmask/app/bench_report.h"
#include "cloudmask/app/command.h"
#include "cloudmask/app/json_output.h"
#include "cloudmask/base/error.h"
#include "cloudmask/benchmark.h"

namespace cloudmask {
namespace {

class BenchCommand final : public Command {
 public:
  CLI::App* add_to(CLI::App& program) override {
    CLI::App* command =
        program.add_subcommand("bench", "Time training, inference, reading or the sum over processes; verify a device");
    command->add_option("WHAT", what_, "train, infer, read, allreduce or verify")
        ->check(CLI::IsMember({"train", "infer", "read", "allreduce", "verify"}))
        ->required();
    command->add_option("INPUT", inputs_, "read: scene files, or folders that are searched");
    command->add_flag("--cold", cold_, "read: the system is asked to forget the files before each reading");
    json_.add_to(*command);
    arguments_.add_config(*command);
    arguments_.add_set(*command);
    arguments_.add_shorthand(*command, "--device", "device", "auto, cpu, cuda or cuda:N");
    arguments_.add_shorthand(*command, "--precision", "precision", "auto, fp32 or bf16");
    command->footer(
        "The network of the configuration on random patches of PATCH_SIZE in batches of batch_size; infer also masks "
        "a\n"
        "random scene of 1200x1500 in memory. Each figure is the median over at least ten seconds. verify: whether "
        "the\n"
        "device computes what the CPU does.\n"
        "Examples:\n"
        "  cloudmask bench train\n"
        "  cloudmask bench infer --precision fp32 --json infer.json\n"
        "  cloudmask bench read data/ssts\n"
        "  cloudmask bench read data/ssts --cold\n"
        "  cloudmask bench allreduce --set gpu=2\n"
        "  cloudmask bench verify --device cuda --set batch_size=4 --set PATCH_SIZE=128");
    return command;
  }

  int run(const GlobalOptions&) override {
    if (what_ == "allreduce") return bench_all_reduce(arguments_.load(), json_);
    if (what_ == "verify") return verify();
    tell(measure(arguments_.load()));
    return 0;
  }

 private:
  int verify() const {
    const DeviceCheck check = check_device(arguments_.load());
    tell(check);
    if (!check.missing.empty()) throw Error(check.missing.front());
    if (!check.good()) throw Error("the device does not compute what the CPU does");
    return 0;
  }

  template <typename Result>
  void tell(const Result& result) const {
    json_.write(as_text(result), as_json(result));
  }

  BenchmarkRecord measure(const Config& config) const {
    if (what_ == "train") return benchmark_training(config);
    if (what_ == "infer") return benchmark_inference(config);
    if (inputs_.empty()) throw UsageError("bench read takes scene files or folders");
    return benchmark_reading(config, scenes_of_inputs(inputs_), cold_);
  }

  ConfigArguments arguments_;
  std::string what_;
  std::vector<std::string> inputs_;
  JsonOutput json_;
  bool cold_ = false;
};

}  // namespace

std::unique_ptr<Command> make_bench_command() { return std::make_unique<BenchCommand>(); }

}  // namespace cloudmask
