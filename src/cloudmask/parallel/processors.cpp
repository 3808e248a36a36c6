#include "cloudmask/parallel/processors.h"

#include "cloudmask/base/parallel_for.h"
#include "cloudmask/metrics/resources.h"

namespace cloudmask {

MachineRecord describe_processors(int threads, const Communicator& ranks) {
  MachineRecord machine;
  machine.cpu = cpu_model_name();
  machine.device = "cpu";
  machine.precision = "fp32";
  machine.kernels = machine.libtorch = "none";
  machine.threads = threads_asked_for(threads);
  machine.cores = cores_of_machine();
  machine.ranks = ranks.size();
  machine.nodes = ranks.nodes();
  return machine;
}

}  // namespace cloudmask
