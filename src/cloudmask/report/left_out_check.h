#pragma once

#include <vector>

#include "cloudmask/report/scaling_forecast.h"

namespace cloudmask {

/// Of each number of ranks that can be left out: the others' fit needs a run. In the order of ranks.
std::vector<LeftOutCheck> check_left_out(const std::vector<ScalingRun>& runs, const SumTerms& sums);

/// Forecast::error_per_doubling of them.
double error_per_doubling(const std::vector<LeftOutCheck>& checks);

}  // namespace cloudmask
