#pragma once

#include <cstdint>
#include <optional>

#include "cloudmask/config/options.h"
#include "cloudmask/parallel/communicator.h"
#include "cloudmask/tensor/device.h"

namespace cloudmask {

/// What packed patches may have of one rank's memory; the same on all, since the order of patches follows from it.
/// `given_bytes`: 0 for half of what is free.
std::int64_t memory_for_patches(std::int64_t given_bytes, Communicator& ranks);

/// What they may have of a GPU's memory: half of what is free beside a step on `patches` patches and the
/// batches of as many that are there at once. None on the CPU.
std::optional<std::int64_t> device_memory_for_patches(const Config& config, const ComputeTarget& target,
                                                      std::int64_t patches);

/// The same, from what is free.
std::int64_t device_memory_for_patches(const Config& config, std::size_t value_bytes, std::int64_t patches,
                                       std::int64_t free_bytes);

}  // namespace cloudmask
