#pragma once

#include <torch/torch.h>

#include <vector>

#include "cloudmask/parallel/communicator.h"

namespace cloudmask {

/// Rank 0's values for everybody. Shapes and types must be the same on all ranks.
void share_tensors(const std::vector<torch::Tensor>& tensors, Communicator& ranks);

}  // namespace cloudmask
