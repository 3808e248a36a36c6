// cloudmask-bench, the program of -DCLOUDMASK_CORE_ONLY=ON: `cloudmask bench` where there is nothing but LibTorch.
#include <iostream>
#include <string>
#include <vector>

#include "cloudmask/app/bench_report.h"
#include "cloudmask/app/exit_code.h"
#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/base/interrupt.h"
#include "cloudmask/base/version.h"
#include "cloudmask/config/config_file.h"
#include "cloudmask/network_library.h"

namespace cloudmask {
namespace {

constexpr const char* kUsage =
    "Times training steps or inference of the cloud screening network on random patches, or verifies that the device\n"
    "computes what the CPU does.\n"
    "\n"
    "Usage: cloudmask-bench train|infer|verify [OPTION]...\n"
    "  --device DEVICE     auto, cpu, cuda or cuda:N\n"
    "  --precision P       auto, fp32 or bf16\n"
    "  --set KEY=VALUE     a key of the configuration, e.g. --set batch_size=256; repeatable\n"
    "  --json FILE         write the figures there; - for standard output\n"
    "  --help, --version\n"
    "\n"
    "Examples:\n"
    "  cloudmask-bench train --device cuda --set batch_size=256\n"
    "  cloudmask-bench verify --device cuda --set batch_size=4 --set PATCH_SIZE=128\n"
    "  cloudmask-bench infer --precision fp32 --json infer.json\n";

struct Arguments {
  std::string what;
  std::string json;
  std::vector<std::string> overrides;
};

[[noreturn]] void refuse(const std::string& why) { throw UsageError(why + "; --help says what is taken"); }

Arguments parse(const std::vector<std::string>& words) {
  Arguments arguments;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (!word.starts_with("--")) {
      if (!arguments.what.empty()) refuse("'" + word + "' is one word too many");
      arguments.what = word;
      continue;
    }
    const bool known = word == "--set" || word == "--json" || word == "--device" || word == "--precision";
    if (!known) refuse("unknown option " + word);
    if (i + 1 == words.size()) refuse(word + " takes a value");
    const std::string& value = words[++i];
    if (word == "--json") {
      arguments.json = value;
    } else {
      arguments.overrides.push_back(word == "--set" ? value : word.substr(2) + "=" + value);
    }
  }
  return arguments;
}

int say(const std::string& text) {
  if (!(std::cout << text).flush())
    throw Error("cannot write to standard output; is the disk full or the reader gone?");
  return 0;
}

template <typename Result>
int tell(const Result& result, const std::string& json) {
  if (json == "-") return say(as_json(result) + '\n');
  if (!json.empty()) write_file_atomically(expand_home(json), as_json(result) + '\n');
  return say(as_text(result));
}

int measure(const Arguments& arguments) {
  const Config config = default_config(arguments.overrides);
  if (arguments.what == "train") return tell(network::benchmark_training(config), arguments.json);
  if (arguments.what == "infer") return tell(network::benchmark_inference(config), arguments.json);
  if (arguments.what == "verify") {
    const DeviceCheck check = network::check_device(config);
    tell(check, arguments.json);
    if (!check.missing.empty()) throw Error(check.missing.front());
    if (!check.good()) throw Error("the device does not compute what the CPU does");
    return 0;
  }
  refuse(arguments.what.empty() ? "train, infer or verify is missing"
                                : "'" + arguments.what + "' is none of train, infer, verify");
}

int run(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word == "--help") return say(kUsage);
    if (word == "--version") return say(std::string("cloudmask-bench ") + kVersion + "\n");
  }
  const Arguments arguments = parse(words);
  install_interrupt_handlers();
  return measure(arguments);
}

}  // namespace
}  // namespace cloudmask

int main(int argc, char** argv) {
  return cloudmask::exit_code_of([&] { return cloudmask::run({argv + 1, argv + argc}); });
}
