#include "cloudmask/benchmark.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "cloudmask/base/clock.h"
#include "cloudmask/base/error.h"
#include "cloudmask/base/interrupt.h"
#include "cloudmask/base/plain_errors.h"
#include "cloudmask/benchmark_inputs.h"
#include "cloudmask/benchmark_parts.h"
#include "cloudmask/metrics/resources.h"
#include "cloudmask/network/network_screener.h"
#include "cloudmask/network_library.h"
#include "cloudmask/tensor/cpu_allocator.h"
#include "cloudmask/tensor/machine.h"
#include "cloudmask/training/batch_upload.h"
#include "cloudmask/training/train_step.h"

namespace cloudmask {
namespace {

constexpr double kDoesNotApply = std::numeric_limits<double>::quiet_NaN();
// The reference network's convolutions with up-sampling folded into them: the least arithmetic known for it.
constexpr double kInferenceGflopPerPatch = 17.4;
constexpr double kTrainingGflopPerPatch = 52.2;

struct Timing {
  double median_s = 0;
  int repetitions = 0;
};

// Once to warm up, then until ten seconds and three repetitions have passed.
Timing time_repeatedly(const std::function<void()>& work) {
  constexpr double kEnough_s = 10;
  constexpr std::size_t kLeast = 3;
  work();
  std::vector<double> times_s;
  Stopwatch all;
  while (times_s.size() < kLeast || all.elapsed_s() < kEnough_s) {
    if (interrupt_requested()) throw Interrupted("the benchmark was stopped by a signal; it has no result");
    Stopwatch watch;
    work();
    times_s.push_back(watch.elapsed_s());
  }
  std::nth_element(times_s.begin(), times_s.begin() + static_cast<std::ptrdiff_t>(times_s.size() / 2), times_s.end());
  return {times_s[times_s.size() / 2], static_cast<int>(times_s.size())};
}

// Patches of 256 px and 32 base filters are what the figures above are for; arithmetic grows with the square of both.
double gflop_per_patch(const Config& config, double of_reference) {
  const double size = config.data.patch_size_px / 256.0;
  const double width = config.model.base_filters / 32.0;
  return of_reference * size * size * width * width;
}

// Of a patch.
double gflop_of(const std::vector<BenchmarkPart>& parts) {
  double gflop = 0;
  for (const BenchmarkPart& part : parts) gflop += part.gflops * part.ms_per_patch * 1e-3;
  return gflop;
}

BenchmarkRecord patch_record(const Config& config, const ComputeTarget& target, const Timing& timing, double gflop,
                             std::vector<BenchmarkPart> parts) {
  BenchmarkRecord record;
  record.machine = describe_machine(target, SingleProcess());
  record.batch_size = config.training.batch_size;
  record.repetitions = timing.repetitions;
  record.ms_per_patch = timing.median_s * 1e3 / config.training.batch_size;
  record.s_per_scene = record.bytes_per_s = record.pread_bytes_per_s = record.share_of_pread = kDoesNotApply;
  record.parts = std::move(parts);
  record.direct_gflops = gflop_per_patch(config, gflop) / record.ms_per_patch * 1e3;
  record.gflops = target.own_kernels ? gflop_of(record.parts) / record.ms_per_patch * 1e3 : record.direct_gflops;
  return record;
}

// At the end: what measuring takes is not what was measured.
void compare_with_machine(BenchmarkRecord& record, const ComputeTarget& target) {
  record.peak_memory_bytes = peak_memory_bytes();
  record.peak_device_memory_bytes = peak_device_memory_bytes(target.device);
  record.peak_gflops = measure_peak_gflops(target);
  record.share_of_peak = record.gflops / record.peak_gflops;
}

std::vector<BenchmarkPart> parts_of(const std::function<void()>& work, const Config& config,
                                    const ComputeTarget& target) {
  if (!target.device.is_cpu()) return {};
  return time_parts(work, config.training.batch_size);
}

BenchmarkRecord time_training(const Config& config) {
  install_cpu_allocator(config.machine);
  const ComputeTarget target = choose_target(config.machine);
  seed_torch(config.machine.seed, false);
  SingleProcess alone;
  TrainStep step(UNet(config.model, operations_for(target)), target, config.training, alone);
  const Batch batch = BatchUpload(target.device).upload(random_batch(config));  // as PatchLoader brings them
  const auto train = [&] { step.train(batch, config.training.learning_rate); };
  const Timing timing = time_repeatedly(train);
  BenchmarkRecord record =
      patch_record(config, target, timing, kTrainingGflopPerPatch, parts_of(train, config, target));
  record.recorded = step.recorded();
  compare_with_machine(record, target);
  return record;
}

BenchmarkRecord time_inference(const Config& config) {
  install_cpu_allocator(config.machine);
  const ComputeTarget target = choose_target(config.machine);
  seed_torch(config.machine.seed, false);
  const ModelContent content = UNet(config.model)->content();
  Timing timing;
  std::vector<BenchmarkPart> parts;
  {
    torch::InferenceMode inference;
    UNet network = make_unet(content, operations_for(target));
    network->to(target.device);
    const auto input = random_batch(config).input.to(target.device);
    const auto infer = [&] { network->forward(input, compute_type(target)).cpu(); };
    timing = time_repeatedly(infer);
    parts = parts_of(infer, config, target);
  }
  BenchmarkRecord record = patch_record(config, target, timing, kInferenceGflopPerPatch, std::move(parts));
  NetworkScreener screener(content, config);
  const Scene scene = random_scene(1200, 1500);
  record.s_per_scene = time_repeatedly([&] { screener.screen(scene); }).median_s;
  compare_with_machine(record, target);
  return record;
}

}  // namespace

BenchmarkRecord network::benchmark_training(const Config& config) {
  return with_plain_errors([&] { return time_training(config); });
}

BenchmarkRecord network::benchmark_inference(const Config& config) {
  return with_plain_errors([&] { return time_inference(config); });
}

}  // namespace cloudmask
