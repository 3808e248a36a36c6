#include "cloudmask/tensor/machine.h"

#include "cloudmask/parallel/processors.h"

namespace cloudmask {

MachineRecord describe_machine(const ComputeTarget& target, const Communicator& ranks) {
  MachineRecord machine = describe_processors(target.threads, ranks);
  machine.device = target.device.str();
  machine.precision = target.precision == Precision::kBf16 ? "bf16" : "fp32";
  machine.kernels = target.kernels;
  machine.libtorch = TORCH_VERSION;
  machine.accelerators_per_node = target.device.is_cuda() ? ranks.local_size() : 0;
  return machine;
}

}  // namespace cloudmask
