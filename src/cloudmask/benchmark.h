#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "cloudmask/config/options.h"
#include "cloudmask/metrics/run_record.h"
#include "cloudmask/parallel/communicator.h"

namespace cloudmask {

/// A part of a step.
struct BenchmarkPart {
  std::string name;
  double ms_per_patch = 0;
  double gflops = 0;  ///< 0: not counted
};

/// What `cloudmask bench` measured: medians over repetitions after a warm-up. NaN: does not apply.
struct BenchmarkRecord {
  MachineRecord machine;
  int batch_size = 0;
  int repetitions = 0;
  double ms_per_patch = 0;
  double s_per_scene = 0;    ///< inference: one 1200x1500 scene in memory to mask in memory
  double direct_gflops = 0;  ///< of ms_per_patch, counting direct convolutions: a patch of 256 px has 52.2 GFLOP in
                             ///< training and 17.4 in inference
  double gflops = 0;         ///< counting what is really done: a quarter of it with cloudmask's own kernels
  double peak_gflops = 0;    ///< the machine's: see measure_peak_gflops
  double share_of_peak = 0;
  double bytes_per_s = 0;        ///< reading: bytes of the files that are needed, as they are stored
  double pread_bytes_per_s = 0;  ///< reading: the same bytes into memory by as many threads, and nothing else
  double share_of_pread = 0;
  std::int64_t peak_memory_bytes = 0;         ///< of the process
  std::int64_t peak_device_memory_bytes = 0;  ///< of the GPU; 0 on the CPU
  bool recorded = false;                      ///< training: the steps were those of a CUDA graph
  /// Longest first, adding up to about ms_per_patch; training and inference on the CPU: its clock does not see what a
  /// GPU spends its time on.
  std::vector<BenchmarkPart> parts;
};

// All throw Error: exhausted memory with what to set smaller.

/// Training steps of the network of `config` on random patches.
BenchmarkRecord benchmark_training(const Config& config);

/// The network on batches of random patches and on a random scene.
BenchmarkRecord benchmark_inference(const Config& config);

/// read_scene (channels and label) over the files, one after the other, in turns with pread alone. `cold`: the system
/// is asked to forget the files each time.
BenchmarkRecord benchmark_reading(const Config& config, const std::vector<std::filesystem::path>& scenes, bool cold);

struct AllReduceTime {
  std::size_t message_bytes = 0;  ///< of fp32
  double time_s = 0;              ///< median
};

/// The sum of fp32 messages over all ranks, from 4 bytes to 64 MiB. Throws Interrupted.
std::vector<AllReduceTime> benchmark_all_reduce(GradientPrecision sent_as, Communicator& ranks);

/// What single pieces of a run take on this machine; 0: not asked for.
struct PieceTimes {
  double training_step_s = 0;
  double evaluation_step_s = 0;
  double inference_s_per_px = 0;
};

/// Times the second of two training steps on a random batch, one of evaluation, and the masking of one random tile: a
/// matter of seconds where `bench` takes its time. Inference takes the network of model_file unless `training` makes
/// it.
PieceTimes time_pieces(const Config& config, bool training, bool inference);

}  // namespace cloudmask
