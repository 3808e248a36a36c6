#pragma once

#include <string>

#include "cloudmask/benchmark.h"

namespace cloudmask {

/// What `bench train`, `infer` and `read` print, and what they write with --json.
std::string as_text(const BenchmarkRecord& record);
std::string as_json(const BenchmarkRecord& record);

}  // namespace cloudmask
