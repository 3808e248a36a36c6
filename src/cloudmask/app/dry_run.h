#pragma once

#include <string>
#include <vector>

#include "cloudmask/config/options.h"

namespace cloudmask {

/// What a run under a configuration would meet.
struct DryRun {
  std::vector<std::string> facts;   ///< what is there, and what the run would take
  std::vector<std::string> faults;  ///< one line each, with its remedy
};

/// Looks at everything that train and infer would need, and writes nothing. `deep` reads every raster of every scene
/// instead of the headers. Throws Interrupted when interrupt_requested().
DryRun dry_run(const Config& config, bool deep);

}  // namespace cloudmask
