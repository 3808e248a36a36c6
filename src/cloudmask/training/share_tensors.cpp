#include "cloudmask/training/share_tensors.h"

#include <cstddef>
#include <string>

namespace cloudmask {

void share_tensors(const std::vector<torch::Tensor>& tensors, Communicator& ranks) {
  if (ranks.size() == 1) return;
  torch::NoGradGuard no_grad;
  std::string bytes;
  for (const auto& tensor : tensors) {
    const auto own = tensor.detach().cpu().contiguous();
    bytes.append(static_cast<const char*>(own.data_ptr()), own.nbytes());
  }
  ranks.broadcast(bytes);
  std::size_t offset = 0;
  for (const auto& tensor : tensors) {
    tensor.detach().copy_(torch::from_blob(bytes.data() + offset, tensor.sizes(), tensor.scalar_type()));
    offset += tensor.nbytes();
  }
}

}  // namespace cloudmask
