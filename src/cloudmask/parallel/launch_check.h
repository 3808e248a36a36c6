#pragma once

#include "cloudmask/config/options.h"
#include "cloudmask/parallel/communicator.h"

namespace cloudmask {

/// Refuses, on all ranks, a launch whose ranks do not belong together: versions, kinds of device, configurations or
/// scenes that differ, more processes on a machine than `gpu`, another number of machines than `nodes` (where that is
/// above 1). `device` is what this rank computes on. Throws UsageError naming the rank, its machine and what differs.
void require_one_job(const Config& config, const std::string& device, Communicator& ranks);

}  // namespace cloudmask
