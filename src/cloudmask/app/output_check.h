#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace cloudmask {

/// Whether what a run will write can be written, and has room, found out without writing anything.
class OutputCheck {
 public:
  enum class Kind { kFolder, kLog, kWholeFile };  ///< a whole file appears under a longer, temporary name first

  void add(const std::string& key, Kind kind, const std::filesystem::path& path, double needed_bytes = 0);

  /// One line each, with its remedy. Outputs on one file system share its room.
  std::vector<std::string> faults() const;

 private:
  struct Disk {
    std::uintmax_t device = 0;
    std::string keys;
    std::filesystem::path folder;
    double needed_bytes = 0;
  };
  void add_folder(const std::string& key, const std::filesystem::path& folder, double needed_bytes);

  std::vector<std::string> faults_;
  std::vector<Disk> disks_;
};

}  // namespace cloudmask
