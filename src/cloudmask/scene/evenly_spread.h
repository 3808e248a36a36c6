#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

namespace cloudmask {

/// `most` of the scenes, or all when there are no more: evenly spread over their order.
std::vector<std::filesystem::path> evenly_spread(const std::vector<std::filesystem::path>& scenes, std::size_t most);

}  // namespace cloudmask
