#pragma once

#include <filesystem>

#include "cloudmask/report/run_history.h"

namespace cloudmask {

/// Writes `<run_dir>/metrics.yml`: the results of a run as a flat summary for scripts (docs/logs.md). Undefined numbers
/// are `.nan`. Whole or not at all. Throws Error.
void write_metrics_yml(const std::filesystem::path& run_dir, const RunHistory& history);

}  // namespace cloudmask
