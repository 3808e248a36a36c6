#pragma once

#include <torch/torch.h>

#include <vector>

#include "cloudmask/parallel/communicator.h"

namespace cloudmask {

/// Replaces the gradient of each parameter by its sum over all ranks. Every rank must call it with the same parameters.
void sum_gradients(const std::vector<torch::Tensor>& parameters, Communicator& communicator);

}  // namespace cloudmask
