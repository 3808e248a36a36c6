#pragma once

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

/// Whether the device of `config` computes what this machine's CPU does with LibTorch's operations in fp32: some steps
/// of training, in fp32, in bf16 and recorded (TrainingOptions::cuda_graph), and the mask of a scene. On random data,
/// with the network, the batch size and the patch size of `config`. Throws Error.
std::vector<Agreement> check_device(const Config& config);

}  // namespace cloudmask
