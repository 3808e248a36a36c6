#include "cloudmask/parallel/machine.h"

#include "cloudmask/base/parallel_for.h"
#include "cloudmask/metrics/resources.h"

namespace cloudmask {

MachineRecord describe_machine(const ComputeTarget& target, const Communicator& ranks) {
  MachineRecord machine;
  machine.cpu = cpu_model_name();
  machine.device = target.device.str();
  machine.precision = target.precision == Precision::kBf16 ? "bf16" : "fp32";
  machine.kernels = target.kernels;
  machine.libtorch = TORCH_VERSION;
  machine.threads = target.threads;
  machine.cores = cores_of_machine();
  machine.ranks = ranks.size();
  machine.nodes = ranks.nodes();
  machine.accelerators_per_node = target.device.is_cuda() ? ranks.local_size() : 0;
  return machine;
}

}  // namespace cloudmask
