#include "cloudmask/metrics/resources.h"

#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>

namespace cloudmask {
namespace {

namespace fs = std::filesystem;

/// Empty when the file is not there, may not be read, or does not start with a number ("max" in cgroup files).
std::optional<std::int64_t> read_number(const fs::path& file) {
  std::ifstream in(file);
  std::int64_t value = 0;
  if (in >> value) return value;
  return std::nullopt;
}

std::optional<std::int64_t> meminfo_bytes(const fs::path& meminfo, const std::string& key) {
  std::ifstream in(meminfo);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string name;
    std::int64_t kib = 0;
    if (words >> name >> kib && name == key) return kib * 1024;
  }
  return std::nullopt;
}

/// `total` of a "name value" list such as memory.stat; 0 when it is not there.
std::int64_t stat_value(const fs::path& file, const std::string& key) {
  std::ifstream in(file);
  std::string name;
  std::int64_t value = 0;
  while (in >> name >> value) {
    if (name == key) return value;
  }
  return 0;
}

/// Room in one cgroup folder (version 2 or 1). Page cache that can be dropped is not counted as used.
std::optional<std::int64_t> cgroup_room(const fs::path& folder) {
  const bool v2 = fs::exists(folder / "memory.max");
  const auto limit = read_number(folder / (v2 ? "memory.max" : "memory.limit_in_bytes"));
  const auto used = read_number(folder / (v2 ? "memory.current" : "memory.usage_in_bytes"));
  if (!limit || !used) return std::nullopt;
  const std::int64_t cache = stat_value(folder / "memory.stat", v2 ? "inactive_file" : "total_inactive_file");
  return std::max<std::int64_t>(0, *limit - *used + std::min(cache, *used));
}

/// The limits of all groups above count too, so this walks up to the root.
std::optional<std::int64_t> least_cgroup_room(const fs::path& root, const std::string& group) {
  std::optional<std::int64_t> least;
  fs::path relative = fs::path(group).relative_path();
  while (true) {
    if (const auto room = cgroup_room(root / relative)) least = std::min(*room, least.value_or(*room));
    if (relative.empty()) return least;
    relative = relative.parent_path();
  }
}

}  // namespace

std::int64_t peak_memory_bytes() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  return static_cast<std::int64_t>(usage.ru_maxrss) * 1024;  // Linux counts in KiB
}

std::int64_t available_memory_bytes() { return available_memory_bytes(MemoryPlaces{}); }

std::int64_t available_memory_bytes(const MemoryPlaces& places) {
  std::optional<std::int64_t> least = meminfo_bytes(places.meminfo, "MemAvailable:");
  std::ifstream groups(places.own_cgroup);
  for (std::string line; std::getline(groups, line);) {
    // "hierarchy:controllers:path"; version 2 has one line with no controllers
    const auto first = line.find(':');
    const auto second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const bool v1_memory = controllers.find(",memory,") != std::string::npos;
    if (controllers != ",," && !v1_memory) continue;
    const fs::path root = v1_memory ? places.cgroup_root / "memory" : places.cgroup_root;
    if (const auto room = least_cgroup_room(root, line.substr(second + 1))) {
      least = std::min(*room, least.value_or(*room));
    }
  }
  return least.value_or(0);
}

std::string cpu_model_name(const fs::path& cpuinfo) {
  std::ifstream in(cpuinfo);
  for (std::string line; std::getline(in, line);) {
    const auto colon = line.find(':');
    if (line.rfind("model name", 0) != 0 || colon == std::string::npos) continue;
    const auto start = line.find_first_not_of(" \t", colon + 1);
    if (start != std::string::npos) return line.substr(start);
  }
  return "unknown";
}

EnergyMeter::EnergyMeter(const fs::path& powercap) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(powercap, error)) {
    // Packages are "intel-rapl:0"; "intel-rapl:0:1" is a part of one and would be counted twice.
    const std::string name = entry.path().filename().string();
    if (name.rfind("intel-rapl:", 0) != 0 || std::count(name.begin(), name.end(), ':') != 1) continue;
    const auto value = read_number(entry.path() / "energy_uj");
    const auto range = read_number(entry.path() / "max_energy_range_uj");
    if (value && range) counters_.push_back({entry.path() / "energy_uj", *range, *value});
  }
}

double EnergyMeter::elapsed_j() {
  if (counters_.empty()) return std::numeric_limits<double>::quiet_NaN();
  for (Counter& counter : counters_) {
    const auto value = read_number(counter.file);
    if (!value) return std::numeric_limits<double>::quiet_NaN();
    std::int64_t step_uj = *value - counter.last_uj;
    if (step_uj < 0) step_uj += counter.range_uj;
    counter.last_uj = *value;
    total_j_ += static_cast<double>(step_uj) * 1e-6;
  }
  return total_j_;
}

}  // namespace cloudmask
