#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

namespace cloudmask {

/// A file that several threads read at any offset.
class ReadOnlyFile {
 public:
  /// Throws Error.
  explicit ReadOnlyFile(std::filesystem::path path);
  /// The file that another library has open as `descriptor`, whatever `path` may name by now.
  ReadOnlyFile(std::filesystem::path path, int descriptor);
  ~ReadOnlyFile();
  ReadOnlyFile(const ReadOnlyFile&) = delete;
  ReadOnlyFile& operator=(const ReadOnlyFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::uint64_t size_bytes() const { return size_bytes_; }   ///< when it was opened
  std::int64_t modified_ns() const { return modified_ns_; }  ///< since 1970

  bool holds(std::uint64_t offset, std::uint64_t bytes) const {
    return offset <= size_bytes_ && bytes <= size_bytes_ - offset;
  }

  /// All of `bytes`, or an Error: the file ends before them, or the disk fails.
  void read_at(std::uint64_t offset, void* out, std::size_t bytes) const;

  /// Asks the system to forget what it holds of the file in memory; for measurements.
  void forget_pages() const;

 private:
  void look();

  std::filesystem::path path_;
  int descriptor_ = -1;
  std::uint64_t size_bytes_ = 0;
  std::int64_t modified_ns_ = 0;
};

}  // namespace cloudmask
