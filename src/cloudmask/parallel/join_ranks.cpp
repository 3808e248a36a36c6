#include <fmt/format.h>

#include <cstdlib>
#include <optional>

#include "cloudmask/base/error.h"
#include "cloudmask/base/module.h"
#include "cloudmask/parallel/communicator.h"

namespace cloudmask {
namespace {

constexpr int kUnknown = 0;

std::optional<int> number_in(const char* variable) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::optional(std::atoi(text)) : std::nullopt;
}

// How many processes the launcher says it started; kUnknown: it does not say; nothing: no launcher.
std::optional<int> promised_ranks() {
  for (const char* variable : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"}) {
    if (const auto number = number_in(variable)) return number;
  }
  // A batch script has SLURM_PROCID and SLURM_NTASKS as well; a step number only what srun started, an interactive
  // shell (srun --pty) with one task included.
  if (std::getenv("SLURM_STEP_ID") != nullptr) {
    const auto tasks = number_in("SLURM_STEP_NUM_TASKS");
    return tasks > 1 ? tasks : std::nullopt;
  }
  return std::getenv("PMIX_RANK") != nullptr ? std::optional(kUnknown) : std::nullopt;
}

}  // namespace

bool started_by_launcher() { return promised_ranks().has_value(); }

std::unique_ptr<Communicator> join_ranks() {
  const int promised = promised_ranks().value_or(1);
  if (promised == 1) return std::make_unique<SingleProcess>();
  // Open MPI loads parts of its own that look for its symbols among those of everybody.
  const Module mpi("libcloudmask_mpi.so", Module::Visible::kToEverybody);
  if (!mpi.fault().empty()) {
    throw Error(
        fmt::format("several processes were started, but MPI cannot be used: {}; install Open MPI, configure "
                    "again and rebuild, or start one process",
                    mpi.fault()));
  }
  std::unique_ptr<Communicator> ranks(mpi.function<Communicator*()>("cloudmask_join_mpi")());
  if (promised != kUnknown && ranks->size() != promised) {
    throw UsageError(
        fmt::format("the launcher started {} processes, but MPI sees {}: each would believe to be alone; start them "
                    "with the mpirun of the MPI that cloudmask was built with, or with srun --mpi=pmix",
                    promised, ranks->size()));
  }
  return ranks;
}

}  // namespace cloudmask
