#include "cloudmask/parallel/gradient_sum.h"

namespace cloudmask {

void sum_gradients(const std::vector<torch::Tensor>& parameters, Communicator& communicator) {
  if (communicator.size() == 1) return;
  std::vector<torch::Tensor> flat;
  flat.reserve(parameters.size());
  for (const auto& parameter : parameters) flat.push_back(parameter.grad().reshape(-1));
  const auto all = torch::cat(flat).to(torch::kCPU, torch::kFloat32).contiguous();
  communicator.all_reduce_sum(std::span(all.data_ptr<float>(), static_cast<std::size_t>(all.numel())));
  std::int64_t offset = 0;
  for (const auto& parameter : parameters) {
    parameter.mutable_grad().copy_(all.narrow(0, offset, parameter.numel()).view_as(parameter));
    offset += parameter.numel();
  }
}

}  // namespace cloudmask
