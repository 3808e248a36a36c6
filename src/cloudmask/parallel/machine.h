#pragma once

#include "cloudmask/metrics/run_record.h"
#include "cloudmask/tensor/device.h"

namespace cloudmask {

/// What this process runs on, for logs and `cloudmask info`.
MachineRecord describe_machine(const ComputeTarget& target, int ranks);

}  // namespace cloudmask
