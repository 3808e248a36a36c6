#pragma once

#include <cstdint>

#include "cloudmask/config/options.h"

namespace cloudmask {

/// Learning rate of a step (from 0, counted over all epochs): linear warm-up over warmup_epochs, then constant or half
/// a cosine down to zero at the end of the last epoch.
double learning_rate_at(const TrainingOptions& options, std::int64_t step, std::int64_t steps_per_epoch);

}  // namespace cloudmask
