#pragma once

#include "cloudmask/config/options.h"
#include "cloudmask/parallel/communicator.h"

namespace cloudmask {

/// How many processes `cloudmask train` starts on this machine by itself: `gpu`, or one for each of the `gpus` found,
/// at least one. Throws UsageError when GPUs are used and fewer are there than `gpu` asks for, or `nodes` is not 1.
int ranks_to_start(const MachineOptions& machine, int gpus);

/// The options of this rank: its GPU, and its part of the cores. Ranks that share all cores of a machine are pinned to
/// a part each where that holds their threads; where the launcher bound them already, that stays. Call before LibTorch
/// has started threads. Throws UsageError, on all ranks, when several would share a GPU.
MachineOptions own_place(const MachineOptions& machine, int gpus, Communicator& ranks);

}  // namespace cloudmask
