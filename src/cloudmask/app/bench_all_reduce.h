#pragma once

#include <string>

#include "cloudmask/config/options.h"

namespace cloudmask {

/// `cloudmask bench allreduce`: prints the table, or writes JSON to `json` (- is standard output; empty: none).
int bench_all_reduce(const Config& config, const std::string& json);

}  // namespace cloudmask
