#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>

#include "cloudmask/app/arguments.h"
#include "cloudmask/app/bench_all_reduce.h"
#include "cloudmask/app/command.h"
#include "cloudmask/app/json_output.h"
#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/benchmark.h"

namespace cloudmask {
namespace {

std::string row(const std::string& name, const std::string& value) { return fmt::format("{:<22}{}\n", name, value); }

// Parts of at least half a percent, the others together.
std::string parts_table(const BenchmarkRecord& record) {
  if (record.parts.empty()) return "";
  std::string text =
      fmt::format("\n{:<48}{:>12}{:>8}{:>10}{:>10}\n", "part", "ms a patch", "share", "GFLOP/s", "of peak");
  double total_ms = 0;
  for (const BenchmarkPart& part : record.parts) total_ms += part.ms_per_patch;
  double small_ms = 0;
  const auto line = [&](const BenchmarkPart& part) {
    text += fmt::format("{:<48}{:>12.2f}{:>7.1f}%", part.name, part.ms_per_patch, 100 * part.ms_per_patch / total_ms);
    if (part.gflops > 0) text += fmt::format("{:>10.0f}{:>9.0f}%", part.gflops, 100 * part.gflops / record.peak_gflops);
    text += '\n';
  };
  for (const BenchmarkPart& part : record.parts) {
    if (part.ms_per_patch < 0.005 * total_ms) {
      small_ms += part.ms_per_patch;
    } else {
      line(part);
    }
  }
  line({"smaller parts", small_ms, 0});
  return text;
}

std::string as_text(const BenchmarkRecord& record) {
  std::string text = row("processor", record.machine.cpu) + row("device", record.machine.device) +
                     row("precision", record.machine.precision) + row("kernels", record.machine.kernels) +
                     row("threads", std::to_string(record.machine.threads));
  if (std::isfinite(record.ms_per_patch)) {
    text += row("a patch", fmt::format("{:.1f} ms (batch {}, median of {})", record.ms_per_patch, record.batch_size,
                                       record.repetitions)) +
            row("arithmetic", fmt::format("{:.0f} GFLOP/s, {:.0f} % of the peak of {:.0f} measured here", record.gflops,
                                          100 * record.share_of_peak, record.peak_gflops)) +
            row("", fmt::format("worth {:.0f} GFLOP/s of direct convolution", record.direct_gflops));
  }
  if (std::isfinite(record.s_per_scene)) text += row("a scene", fmt::format("{:.3f} s", record.s_per_scene));
  if (std::isfinite(record.bytes_per_s)) {
    text += row("reading", describe_bytes(record.bytes_per_s) + "/s of the bytes needed, as they are stored") +
            row("pread alone", fmt::format("{}/s; reading is at {:.0f} % of it",
                                           describe_bytes(record.pread_bytes_per_s), 100 * record.share_of_pread));
  }
  return text + row("peak memory", describe_bytes(static_cast<double>(record.peak_memory_bytes))) + parts_table(record);
}

std::string number(double value) { return std::isfinite(value) ? fmt::format("{:.6g}", value) : "null"; }

std::string quoted(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '\\') escaped += '\\';
    if (static_cast<unsigned char>(c) >= ' ') escaped += c;
  }
  return '"' + escaped + '"';
}

std::string as_json(const std::vector<BenchmarkPart>& parts) {
  std::string list;
  for (const BenchmarkPart& part : parts) {
    list += fmt::format("{}{{\"name\": {}, \"ms_per_patch\": {}, \"gflops\": {}}}", list.empty() ? "" : ", ",
                        quoted(part.name), number(part.ms_per_patch), number(part.gflops));
  }
  return '[' + list + ']';
}

std::string as_json(const BenchmarkRecord& record) {
  return fmt::format(
      "{{\"ms_per_patch\": {}, \"s_per_scene\": {}, \"batch_size\": {}, \"precision\": {}, \"device\": {}, \"cpu\": "
      "{}, "
      "\"threads\": {}, \"gflops\": {}, \"direct_gflops\": {}, \"peak_gflops\": {}, \"share_of_peak\": {}, "
      "\"bytes_per_s\": {}, "
      "\"pread_bytes_per_s\": {}, \"share_of_pread\": {}, "
      "\"peak_memory_bytes\": {}, \"kernels\": {}, \"parts\": {}}}",
      number(record.ms_per_patch), number(record.s_per_scene), record.batch_size, quoted(record.machine.precision),
      quoted(record.machine.device), quoted(record.machine.cpu), record.machine.threads, number(record.gflops),
      number(record.direct_gflops), number(record.peak_gflops), number(record.share_of_peak),
      number(record.bytes_per_s), number(record.pread_bytes_per_s), number(record.share_of_pread),
      record.peak_memory_bytes, quoted(record.machine.kernels), as_json(record.parts));
}

class BenchCommand final : public Command {
 public:
  CLI::App* add_to(CLI::App& program) override {
    CLI::App* command = program.add_subcommand("bench", "Time training, inference, reading or the sum over processes");
    command->add_option("WHAT", what_, "train, infer, read or allreduce")
        ->check(CLI::IsMember({"train", "infer", "read", "allreduce"}))
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
    json_.write(as_text(record), as_json(record));
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
  JsonOutput json_;
  bool cold_ = false;
};

}  // namespace

std::unique_ptr<Command> make_bench_command() { return std::make_unique<BenchCommand>(); }

}  // namespace cloudmask
