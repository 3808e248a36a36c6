#pragma once

#include <string>

namespace cloudmask {

/// 1536 -> "1.5 KiB"
std::string describe_bytes(double bytes);

}  // namespace cloudmask
