#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "cloudmask/config/options.h"

namespace cloudmask {

/// How far two ways to compute the same are apart.
struct Agreement {
  std::string what;
  double difference = 0;  ///< NaN where something computed was not finite
  double allowed = 0;
  bool good() const { return difference <= allowed; }
};

struct DeviceCheck {
  std::vector<Agreement> agreements;
  bool recorded = false;             ///< the steps that were to be: as CUDA graphs
  bool nccl = false;                 ///< a sum was made by NCCL
  std::vector<std::string> missing;  ///< what was to be done and was not
  bool good() const {
    const auto is_good = [](const Agreement& agreement) { return agreement.good(); };
    return missing.empty() && std::all_of(agreements.begin(), agreements.end(), is_good);
  }
};

/// Whether the device of `config` computes what this machine's CPU does with LibTorch's operations in fp32: some steps
/// of training, in fp32, in bf16 and recorded (TrainingOptions::cuda_graph), and the mask of a scene. On random data,
/// with the network, the batch size and the patch size of `config`. With cuda_graph in `config` recording is asked for,
/// and the sum of one rank by NCCL on a GPU wherever this build has it.
/// Throws Error.
DeviceCheck check_device(const Config& config);

}  // namespace cloudmask
