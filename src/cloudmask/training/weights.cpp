#include "cloudmask/training/weights.h"

#include "cloudmask/base/error.h"

namespace cloudmask {

std::vector<torch::Tensor> copy_of(const std::vector<torch::Tensor>& tensors) {
  std::vector<torch::Tensor> copies;
  copies.reserve(tensors.size());
  for (const auto& tensor : tensors)
    copies.push_back(tensor.detach().to(torch::kCPU, tensor.scalar_type(), false, true));
  return copies;
}

void assign(const std::vector<torch::Tensor>& parameters, const std::vector<torch::Tensor>& values) {
  torch::NoGradGuard no_grad;
  CM_CHECK(parameters.size() == values.size());
  for (std::size_t i = 0; i < parameters.size(); ++i) parameters[i].data().copy_(values[i]);
}

}  // namespace cloudmask
