#include "cloudmask/network_library.h"

#include "cloudmask/base/plain_errors.h"
#include "cloudmask/inference/mask_pipeline.h"
#include "cloudmask/network/network_screener.h"
#include "cloudmask/parallel/agreement.h"
#include "cloudmask/tensor/cpu_allocator.h"
#include "cloudmask/tensor/machine.h"
#include "cloudmask/tensor/torch_state.h"
#include "cloudmask/training/trainer.h"

namespace cloudmask {
namespace {

// The caller has other uses for what a finished run kept.
struct ReturnMemoryAtEnd {
  ~ReturnMemoryAtEnd() { release_cached_memory(); }
};

MachineRecord describe_this_machine(const Config& config, const Communicator& ranks) {
  const KeptThreadNumber kept;
  return describe_machine(choose_target(config.machine), ranks);
}

TrainingRecord train_network(const Config& config, bool resume, RunListener& listener, Communicator& ranks) {
  return with_plain_errors([&] {
    install_cpu_allocator(config.machine);
    const ReturnMemoryAtEnd at_end;
    const KeptThreadNumber kept_threads;
    const KeptRandomState kept_random;
    return Trainer(config, ranks, listener).run(resume);
  });
}

InferenceRecord infer_masks(const Config& config, const std::filesystem::path& model_file,
                            const std::filesystem::path& output_dir, const std::vector<std::filesystem::path>& scenes,
                            RunListener& listener, Communicator& ranks) {
  return with_plain_errors([&] {
    install_cpu_allocator(config.machine);
    const ReturnMemoryAtEnd at_end;
    const KeptThreadNumber kept_threads;
    const KeptRandomState kept_random;
    std::unique_ptr<NetworkScreener> screener;
    do_on_all(ranks, [&] { screener = std::make_unique<NetworkScreener>(model_file, config, ranks.local_size()); });
    InferenceRecord planned;
    planned.batch_size = config.training.batch_size;
    planned.tile_mode = config.inference.tile_mode == TileMode::kScene ? "scene" : "patches";
    do_on_first(ranks, [&] { listener.on_inference_start(describe_machine(screener->target(), ranks), planned); });
    InferenceRecord record =
        mask_scenes(*screener, scenes, pipeline_options(config, output_dir, model_file), listener, ranks);
    record.batch_size = planned.batch_size;
    record.tile_mode = planned.tile_mode;
    do_on_first(ranks, [&] { listener.on_inference_end(record); });
    return record;
  });
}

std::unique_ptr<Screener> read_network(const std::filesystem::path& model_file, const Config& config) {
  return with_plain_errors([&] {
    install_cpu_allocator(config.machine);
    const KeptThreadNumber kept_threads;
    const KeptRandomState kept_random;  // a network begins with random weights
    return std::make_unique<NetworkScreener>(model_file, config);
  });
}

}  // namespace
}  // namespace cloudmask

extern "C" const cloudmask::NetworkLibrary* cloudmask_network_library() {
  using namespace cloudmask;
  static constexpr NetworkLibrary kLibrary = {.describe_machine = describe_this_machine,
                                              .gpus_here = count_gpus,
                                              .train = train_network,
                                              .infer = infer_masks,
                                              .load_network = read_network,
                                              .benchmark_training = network::benchmark_training,
                                              .benchmark_inference = network::benchmark_inference,
                                              .time_pieces = network::time_pieces,
                                              .check_device = network::check_device};
  return &kLibrary;
}
