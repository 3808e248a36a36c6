#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace cloudmask {

/// Largest resident memory of this process so far; 0 where the system does not tell.
std::int64_t peak_memory_bytes();

/// Memory that this process may still take: what the machine has free, or what its cgroup (container, batch job)
/// leaves it if that is less. 0 where the system does not tell.
std::int64_t available_memory_bytes();

/// The same from given places instead of /proc and /sys: for tests.
struct MemoryPlaces {
  std::filesystem::path meminfo = "/proc/meminfo";
  std::filesystem::path own_cgroup = "/proc/self/cgroup";
  std::filesystem::path cgroup_root = "/sys/fs/cgroup";
};
std::int64_t available_memory_bytes(const MemoryPlaces& places);

/// Name of the processor, e.g. "AMD EPYC 7B13 64-Core Processor"; "unknown" where the system does not tell.
std::string cpu_model_name(const std::filesystem::path& cpuinfo = "/proc/cpuinfo");

/// Energy of the processor packages by Intel's and AMD's RAPL counters, since construction. Counters wrap, so elapsed_j
/// must be called more often than they do (once a minute is enough).
class EnergyMeter {
 public:
  explicit EnergyMeter(const std::filesystem::path& powercap = "/sys/class/powercap");

  /// NaN where no counter can be read (most systems let root alone read them).
  double elapsed_j();

 private:
  struct Counter {
    std::filesystem::path file;
    std::int64_t range_uj = 0;
    std::int64_t last_uj = 0;
  };
  std::vector<Counter> counters_;
  double total_j_ = 0;
};

}  // namespace cloudmask
