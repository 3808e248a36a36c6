#pragma once

#include <map>
#include <string>

#include "cloudmask/config/options.h"
#include "cloudmask/data/patch_store.h"
#include "cloudmask/teaching/labeller.h"

namespace cloudmask {

/// What must not change between a run and its continuation: keys of the configuration, and what was found.
std::map<std::string, std::string> fixed_settings(const Config& config, const PatchStore& training_store,
                                                  const Labeller& labeller);

}  // namespace cloudmask
