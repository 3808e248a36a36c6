#pragma once

#include "cloudmask/app/json_output.h"
#include "cloudmask/config/options.h"

namespace cloudmask {

/// `cloudmask bench allreduce`: the table, and JSON where it is asked for.
int bench_all_reduce(const Config& config, const JsonOutput& json);

}  // namespace cloudmask
