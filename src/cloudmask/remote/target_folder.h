#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "cloudmask/base/descriptor.h"

namespace cloudmask {

/// The folder that objects are fetched into. Everything in it is reached from its descriptor, one name at a time and
/// never through a symbolic link, so that nothing outside can be read or written, whatever others put there meanwhile.
/// The folder itself may be a link. All members throw Error.
class TargetFolder {
 public:
  /// The folder must be there; make_folder() makes it.
  explicit TargetFolder(std::filesystem::path folder);
  ~TargetFolder();
  TargetFolder(const TargetFolder&) = delete;
  TargetFolder& operator=(const TargetFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::uint64_t free_bytes() const;  ///< that this user may fill

  struct File {
    Descriptor descriptor;  ///< for reading
    std::uint64_t bytes = 0;
    std::int64_t modified_s = 0;
  };
  /// A file below the folder; nothing when there is none. Throws when a link, a folder or a device stands there, or
  /// something that is no folder on the way.
  std::optional<File> open(const std::filesystem::path& relative) const;

  /// Makes the folder of unfinished files and keeps other programs out until the destructor, which removes the folder
  /// when it is empty.
  void begin_writing();
  int state() const { return state_.get(); }  ///< that folder

  /// Moves a file of state() to its place, made folders included; what stood there is replaced.
  void adopt(const std::string& state_name, const std::filesystem::path& relative) const;

 private:
  Descriptor folder_of(const std::filesystem::path& relative, bool make) const;

  std::filesystem::path path_;
  Descriptor root_;
  Descriptor state_;
};

}  // namespace cloudmask
