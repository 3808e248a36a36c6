#pragma once

#include "cloudmask/metrics/run_record.h"
#include "cloudmask/parallel/communicator.h"

namespace cloudmask {

/// What this process and those with it run on where no network runs: processors, in fp32. `threads` as in the
/// configuration.
MachineRecord describe_processors(int threads, const Communicator& ranks);

}  // namespace cloudmask
