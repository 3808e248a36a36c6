#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cloudmask/metrics/run_record.h"

namespace cloudmask {

/// Scene records as bytes and back, from one process of a run to another.
std::string to_bytes(const std::vector<SceneRecord>& scenes);
std::vector<SceneRecord> scenes_from_bytes(std::string_view bytes);

}  // namespace cloudmask
