#pragma once

#include <torch/torch.h>

#include <vector>

namespace cloudmask {

/// On the CPU, in memory of their own.
std::vector<torch::Tensor> copy_of(const std::vector<torch::Tensor>& tensors);

/// Gives each parameter the values of the tensor at its place.
void assign(const std::vector<torch::Tensor>& parameters, const std::vector<torch::Tensor>& values);

}  // namespace cloudmask
