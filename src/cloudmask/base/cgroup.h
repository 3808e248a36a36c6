#pragma once

#include <filesystem>
#include <string_view>

namespace cloudmask {

/// Cores that control groups grant this process: the tightest CPU quota from its own group up to the root, in cores
/// (may be a fraction); infinity without one. Version 2 (`cpu.max`) and version 1 (`cpu.cfs_quota_us`).
/// `membership` is the text of /proc/self/cgroup, `mount` the file system, usually /sys/fs/cgroup.
double cgroup_core_limit(std::string_view membership, const std::filesystem::path& mount);

}  // namespace cloudmask
