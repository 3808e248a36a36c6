#pragma once

#include <cstddef>
#include <cstdint>

#include "cloudmask/config/options.h"

namespace cloudmask {

/// Bytes of the activations of a training step on `patches` patches, gradients in flight included: an estimate, rather
/// too high. `value_bytes`: of a number in a map.
double step_bytes(const Config& config, std::size_t value_bytes, std::int64_t patches);

/// How many of a batch's patches to compute at a time so that a step fits in `room_bytes`: equal parts of the batch, of
/// one patch at least. Warns when it is not all.
std::int64_t patches_at_once(const Config& config, std::size_t value_bytes, std::int64_t patches,
                             std::int64_t room_bytes);

}  // namespace cloudmask
