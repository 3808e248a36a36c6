#pragma once

#include <string>

#include "cloudmask/benchmark.h"
#include "cloudmask/device_check.h"

namespace cloudmask {

/// What `bench train`, `infer` and `read` print, and what they write with --json.
std::string as_text(const BenchmarkRecord& record);
std::string as_json(const BenchmarkRecord& record);

/// The same for `bench verify`.
std::string as_text(const DeviceCheck& check);
std::string as_json(const DeviceCheck& check);

}  // namespace cloudmask
