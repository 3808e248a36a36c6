#include "cloudmask/scene/evenly_spread.h"

#include <algorithm>

namespace cloudmask {

std::vector<std::filesystem::path> evenly_spread(const std::vector<std::filesystem::path>& scenes, std::size_t most) {
  const std::size_t count = std::min(scenes.size(), most);
  std::vector<std::filesystem::path> chosen;
  chosen.reserve(count);
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(scenes[i * scenes.size() / count]);
  return chosen;
}

}  // namespace cloudmask
