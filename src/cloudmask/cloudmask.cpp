#include "cloudmask/cloudmask.h"

#include <fmt/format.h>

#include "cloudmask/base/error.h"
#include "cloudmask/base/module.h"
#include "cloudmask/network_library.h"

namespace cloudmask {
namespace {

const NetworkLibrary* load_library() {
  const Module module("libcloudmask_network.so");
  if (module.is_absent()) {
    throw Error(fmt::format("networks take a library of cloudmask's own, which is missing: {}; install cloudmask anew",
                            module.fault()));
  }
  if (!module.fault().empty()) {
    throw Error(
        fmt::format("networks take LibTorch, which cannot be used: {}; install the one that cloudmask was built with, "
                    "or name its folder in LD_LIBRARY_PATH",
                    module.fault()));
  }
  return module.function<NetworkLibraryEntry>(kNetworkLibraryEntry)();
}

const NetworkLibrary& library() {
  static const NetworkLibrary* const loaded = load_library();
  return *loaded;
}

}  // namespace

MachineRecord describe_machine(const Config& config, const Communicator& ranks) {
  return library().describe_machine(config, ranks);
}

int gpus_here() { return library().gpus_here(); }

TrainingRecord train(const Config& config, bool resume, RunListener& listener, Communicator& ranks) {
  return library().train(config, resume, listener, ranks);
}

InferenceRecord infer(const Config& config, const std::filesystem::path& model_file,
                      const std::filesystem::path& output_dir, const std::vector<std::filesystem::path>& scenes,
                      RunListener& listener, Communicator& ranks) {
  return library().infer(config, model_file, output_dir, scenes, listener, ranks);
}

std::unique_ptr<Screener> load_network(const std::filesystem::path& model_file, const Config& config) {
  return library().load_network(model_file, config);
}

BenchmarkRecord benchmark_training(const Config& config) { return library().benchmark_training(config); }

BenchmarkRecord benchmark_inference(const Config& config) { return library().benchmark_inference(config); }

PieceTimes time_pieces(const Config& config, bool training, bool inference) {
  return library().time_pieces(config, training, inference);
}

DeviceCheck check_device(const Config& config) { return library().check_device(config); }

}  // namespace cloudmask
