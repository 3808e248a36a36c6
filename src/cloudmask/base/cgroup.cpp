#include "cloudmask/base/cgroup.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>

namespace cloudmask {
namespace {

namespace fs = std::filesystem;
constexpr double kUnlimited = std::numeric_limits<double>::infinity();

double quota_v2(const fs::path& group) {
  std::ifstream file(group / "cpu.max");
  double quota_us = 0;
  double period_us = 0;  // "max 100000" fails at the first number
  return file >> quota_us >> period_us && quota_us > 0 && period_us > 0 ? quota_us / period_us : kUnlimited;
}

double quota_v1(const fs::path& group) {
  std::ifstream quota_file(group / "cpu.cfs_quota_us");
  std::ifstream period_file(group / "cpu.cfs_period_us");
  double quota_us = 0;  // -1: none
  double period_us = 0;
  return quota_file >> quota_us && period_file >> period_us && quota_us > 0 && period_us > 0 ? quota_us / period_us
                                                                                             : kUnlimited;
}

/// In a container the path of /proc/self/cgroup may not exist below the mount: then only the root has the file.
template <typename Quota>
double tightest(const fs::path& mount, const std::string& group, Quota quota) {
  double limit = quota(mount);
  fs::path below = mount;
  for (const fs::path& part : fs::path(group).relative_path()) {
    below /= part;
    limit = std::min(limit, quota(below));
  }
  return limit;
}

}  // namespace

double cgroup_core_limit(std::string_view membership, const fs::path& mount) {
  double limit = kUnlimited;
  std::istringstream lines{std::string(membership)};
  for (std::string line; std::getline(lines, line);) {  // hierarchy:controllers:path
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string group = line.substr(second + 1);
    if (controllers == ",,") {
      limit = std::min(limit, tightest(mount, group, quota_v2));
    } else if (controllers.find(",cpu,") != std::string::npos) {
      limit = std::min(limit, tightest(mount / "cpu", group, quota_v1));
      limit = std::min(limit, tightest(mount / "cpu,cpuacct", group, quota_v1));
    }
  }
  return limit;
}

}  // namespace cloudmask
