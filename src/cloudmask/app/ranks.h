#pragma once

#include <functional>

#include "cloudmask/config/options.h"
#include "cloudmask/parallel/communicator.h"

namespace cloudmask {

/// Does `work` in as many processes as the launcher started, or in `gpu` processes on this machine, which it then
/// starts itself by running this command line again. Each gets the configuration with its own device and threads.
/// Returns the exit code: rank 0's. What all ranks throw is thrown on rank 0; what one throws ends all. Throws
/// UsageError for a launch whose processes do not belong together.
int with_ranks(const Config& config, const std::function<int(const Config&, Communicator&)>& work);

}  // namespace cloudmask
