#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace cloudmask {

/// `~` and `~/x` become the home directory; any other path stays as it is.
std::filesystem::path expand_home(const std::string& path);

/// Makes the folder and its parents. Throws Error when that fails.
void make_folder(const std::filesystem::path& folder);

/// An output that appears under its final name whole or not at all. Write to temporary_path(), then commit().
/// The destructor removes a temporary file that was never committed.
class AtomicFile {
 public:
  /// Makes the parent folder when it is missing. Throws Error when the folder cannot be written.
  explicit AtomicFile(std::filesystem::path final_path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Lies in the same folder as the final file (a rename must not cross file systems).
  const std::filesystem::path& temporary_path() const { return temporary_path_; }

  /// Flushes to disk and renames. Throws Error (full disk, ...).
  void commit();

 private:
  std::filesystem::path final_path_;
  std::filesystem::path temporary_path_;
  bool committed_ = false;
};

/// Whole content under the final name, or the old content and an Error.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

/// Adds one text (with its line end) to a file that is opened for appending, made when missing: whole, or not at all
/// and an Error.
void append_to_file(const std::filesystem::path& path, std::string_view text);

/// Throws Error when the file cannot be read.
std::string read_file(const std::filesystem::path& path);

/// Makes the folder if need be and proves that a file can be made in it (by making one and removing it).
/// Throws Error: no permission, read-only, full.
void require_writable_folder(const std::filesystem::path& folder);

}  // namespace cloudmask
