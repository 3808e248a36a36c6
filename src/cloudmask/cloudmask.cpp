#include "cloudmask/cloudmask.h"

#include <fmt/format.h>

#include "cloudmask/base/log.h"
#include "cloudmask/inference/mask_pipeline.h"
#include "cloudmask/inference/network_screener.h"
#include "cloudmask/parallel/agreement.h"
#include "cloudmask/parallel/machine.h"
#include "cloudmask/tensor/cpu_allocator.h"
#include "cloudmask/tensor/plain_errors.h"
#include "cloudmask/tensor/torch_state.h"
#include "cloudmask/training/trainer.h"

namespace cloudmask {
namespace {

// The caller has other uses for what a finished run kept.
struct ReturnMemoryAtEnd {
  ~ReturnMemoryAtEnd() { release_cached_memory(); }
};

void warn_of_other_view(const std::filesystem::path& model_file, View trained, View view) {
  if (trained == view) return;
  log_warning(fmt::format("{}: was trained on the {} view; how good its masks of the {} view are is not known",
                          model_file.string(), to_string(trained), to_string(view)));
}

}  // namespace

MachineRecord describe_machine(const Config& config, const Communicator& ranks) {
  const KeptThreadNumber kept;
  return describe_machine(choose_target(config.machine), ranks);
}

int gpus_here() { return count_gpus(); }

TrainingRecord train(const Config& config, bool resume, RunListener& listener, Communicator& ranks) {
  return with_plain_errors([&] {
    install_cpu_allocator(config.machine);
    const ReturnMemoryAtEnd at_end;
    const KeptThreadNumber kept_threads;
    const KeptRandomState kept_random;
    return Trainer(config, ranks, listener).run(resume);
  });
}

InferenceRecord infer(const Config& config, const std::filesystem::path& model_file,
                      const std::filesystem::path& output_dir, const std::vector<std::filesystem::path>& scenes,
                      RunListener& listener, Communicator& ranks) {
  return with_plain_errors([&] {
    install_cpu_allocator(config.machine);
    const ReturnMemoryAtEnd at_end;
    const KeptThreadNumber kept_threads;
    const KeptRandomState kept_random;
    std::unique_ptr<NetworkScreener> screener;
    do_on_all(ranks, [&] { screener = std::make_unique<NetworkScreener>(model_file, config, ranks.local_size()); });
    do_on_first(ranks, [&] { warn_of_other_view(model_file, screener->trained_view(), config.data.view); });
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

std::unique_ptr<Screener> load_network(const std::filesystem::path& model_file, const Config& config) {
  return with_plain_errors([&] {
    install_cpu_allocator(config.machine);
    const KeptThreadNumber kept_threads;
    const KeptRandomState kept_random;  // a network begins with random weights
    return std::make_unique<NetworkScreener>(model_file, config);
  });
}

}  // namespace cloudmask
