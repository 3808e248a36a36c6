#include "cloudmask/parallel/placement.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sched.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <vector>

#include "cloudmask/base/error.h"
#include "cloudmask/base/parallel_for.h"
#include "cloudmask/parallel/agreement.h"

namespace cloudmask {
namespace {

bool uses_gpus(const MachineOptions& machine, int gpus) { return gpus > 0 && machine.device != "cpu"; }

std::vector<int> own_cores() {
  cpu_set_t set;
  std::vector<int> cores;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return cores;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &set)) cores.push_back(core);
  }
  return cores;
}

// Machines of more cores than the set holds keep their threads wherever the system puts them.
void pin_to(const std::vector<int>& cores, std::size_t begin, std::size_t end) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (std::size_t i = begin; i < end; ++i) CPU_SET(cores[i], &set);
  sched_setaffinity(0, sizeof set, &set);
}

struct Place {
  int index = 0;
  int count = 0;
};

// This rank among those of its machine that see the same.
Place place_among_equals(const std::string& seen, Communicator& ranks) {
  const auto all = ranks.gather(fmt::format("{}|{}", ranks.host(ranks.rank()), seen));
  const auto own = all.begin() + ranks.rank();
  return {static_cast<int>(std::count(all.begin(), own, *own)),
          static_cast<int>(std::count(all.begin(), all.end(), *own))};
}

// Batch systems may show each process GPUs of its own.
std::string visible_gpus() {
  std::string text;
  for (const char* variable : {"CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"}) {
    const char* value = std::getenv(variable);
    text += fmt::format("{};", value != nullptr ? value : "");
  }
  return text;
}

std::string own_gpu(const MachineOptions& machine, int gpus, Communicator& ranks) {
  const Place place = place_among_equals(visible_gpus(), ranks);
  if (place.count <= gpus && !machine.device.starts_with("cuda:")) return fmt::format("cuda:{}", place.index);
  throw UsageError(
      fmt::format("{} processes on {} share {} GPUs (device: {}); start one process a GPU, with device: cuda",
                  place.count, ranks.host(ranks.rank()), gpus, machine.device));
}

}  // namespace

int ranks_to_start(const MachineOptions& machine, int gpus) {
  if (machine.nodes > 1) {
    throw UsageError(
        fmt::format("nodes: {} asks for {} machines, but no launcher started this process: start it there with mpirun "
                    "or srun (docs/hpc.md), or set nodes: 1",
                    machine.nodes, machine.nodes));
  }
  if (!uses_gpus(machine, gpus)) return std::max(machine.gpu, 1);
  if (machine.device.starts_with("cuda:") && machine.gpu <= 1) return 1;
  if (machine.device.starts_with("cuda:")) {
    throw UsageError(fmt::format("gpu: {} asks for {} processes, but device: {} is one GPU; set device: cuda",
                                 machine.gpu, machine.gpu, machine.device));
  }
  if (machine.gpu > gpus) {
    throw UsageError(fmt::format("gpu: {} asks for {} GPUs, but this machine has {}; set gpu: {} or leave it out",
                                 machine.gpu, machine.gpu, gpus, gpus));
  }
  return machine.gpu > 0 ? machine.gpu : gpus;
}

MachineOptions own_place(const MachineOptions& machine, int gpus, Communicator& ranks) {
  MachineOptions own = machine;
  if (ranks.size() == 1) return own;
  if (uses_gpus(machine, gpus)) do_on_all(ranks, [&] { own.device = own_gpu(machine, gpus, ranks); });
  const auto cores = own_cores();
  const Place place = place_among_equals(fmt::format("{}", fmt::join(cores, ",")), ranks);
  if (own.threads == 0) own.threads = std::max(1, available_threads() / place.count);
  const auto count = static_cast<std::size_t>(place.count);
  const auto index = static_cast<std::size_t>(place.index);
  if (count > 1 && cores.size() / count >= static_cast<std::size_t>(own.threads))
    pin_to(cores, cores.size() * index / count, cores.size() * (index + 1) / count);
  return own;
}

}  // namespace cloudmask
