#pragma once

#include <string>

#include "cloudmask/remote/fetch.h"

namespace cloudmask {

/// What a fetch was to do and did, as one JSON object; docs/fetch.md has its keys. `report` is null when nothing was
/// fetched yet: then `files` lists what would be.
std::string fetch_json(const FetchOptions& options, const FetchPlan& plan, const FetchReport* report);

}  // namespace cloudmask
