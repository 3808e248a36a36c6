#include "cloudmask/base/clock.h"
#include "cloudmask/base/error.h"
#include "cloudmask/base/interrupt.h"
#include "cloudmask/base/plain_errors.h"
#include "cloudmask/benchmark_inputs.h"
#include "cloudmask/model/model_file.h"
#include "cloudmask/network/network_screener.h"
#include "cloudmask/network_library.h"
#include "cloudmask/tensor/cpu_allocator.h"
#include "cloudmask/training/train_step.h"

namespace cloudmask {
namespace {

double time_second(const std::function<void()>& work) {
  double elapsed_s = 0;
  for (int i = 0; i < 2; ++i) {
    if (interrupt_requested()) throw Interrupted("stopped by a signal while timing; nothing was written");
    Stopwatch watch;
    work();
    elapsed_s = watch.elapsed_s();
  }
  return elapsed_s;
}

void time_training_pieces(const Config& config, PieceTimes& times) {
  const ComputeTarget target = choose_target(config.machine);
  SingleProcess alone;
  TrainStep step(UNet(config.model, operations_for(target)), target, config.training, alone);
  const Batch batch = random_batch(config);
  times.training_step_s = time_second([&] { step.train(batch, config.training.learning_rate); });
  times.evaluation_step_s = time_second([&] { step.evaluate(batch); });
}

void time_inference_pieces(const Config& config, const ModelContent& model, PieceTimes& times) {
  constexpr int kTile_px = 512;
  NetworkScreener screener(model, config);
  const Scene scene = random_scene(kTile_px, kTile_px);
  times.inference_s_per_px = time_second([&] { screener.screen(scene); }) / (static_cast<double>(kTile_px) * kTile_px);
}

}  // namespace

PieceTimes network::time_pieces(const Config& config, bool training, bool inference) {
  return with_plain_errors([&] {
    install_cpu_allocator(config.machine);
    seed_torch(config.machine.seed, config.training.deterministic);
    PieceTimes times;
    if (training) time_training_pieces(config, times);
    if (inference) {
      time_inference_pieces(config, training ? UNet(config.model)->content() : read_model(config.report.model_file),
                            times);
    }
    return times;
  });
}

}  // namespace cloudmask
