#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cloudmask/config/options.h"
#include "cloudmask/metrics/run_listener.h"

namespace cloudmask {

/// What a run under a configuration would meet.
struct DryRun {
  std::vector<std::string> facts;   ///< what is there, and what the run would take
  std::vector<std::string> faults;  ///< one line each, with its remedy
};

struct DryRunOptions {
  bool headers_only = false;  ///< of the scenes; else every raster that the run would read is read
  std::function<void(const ProgressRecord&)> on_progress = [](const ProgressRecord&) {};  ///< one call at a time
};

/// Looks at everything that train and infer would need, times a step and a tile (unless headers_only), and writes
/// nothing. Throws Interrupted when
/// interrupt_requested().
DryRun dry_run(const Config& config, const DryRunOptions& options);

}  // namespace cloudmask
