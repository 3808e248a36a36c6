#pragma once

#include "cloudmask/metrics/run_record.h"
#include "cloudmask/parallel/communicator.h"
#include "cloudmask/tensor/device.h"

namespace cloudmask {

/// What this process and those with it run on, for logs and `cloudmask info`.
MachineRecord describe_machine(const ComputeTarget& target, const Communicator& ranks);

}  // namespace cloudmask
