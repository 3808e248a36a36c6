#include "cloudmask/app/output_check.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "cloudmask/app/describe_bytes.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;

/// Empty, or why nothing can ever be under this path: links in a circle, a name that is too long, no permission.
std::string why_unusable(const fs::path& path) {
  std::error_code failure;
  return fs::status(path, failure).type() == fs::file_type::none ? failure.message() : "";
}

}  // namespace

void OutputCheck::add(const std::string& key, Kind kind, const fs::path& path, double needed_bytes) {
  if (kind == Kind::kFolder) {
    add_folder(key, path, needed_bytes);
    return;
  }
  const std::string temporary = "." + path.filename().string() + ".1234567.12.tmp";  // as base/files.cpp makes them
  std::string reason = why_unusable(path);
  if (reason.empty() && kind == Kind::kWholeFile) reason = why_unusable(path.parent_path() / temporary);
  std::error_code ignored;
  if (!reason.empty()) {
    faults_.push_back(fmt::format("{}: {}: {}; name another file", key, path.string(), reason));
  } else if (fs::is_directory(path, ignored)) {
    faults_.push_back(key + ": " + path.string() + " is a folder; name a file");
  } else if (kind == Kind::kWholeFile && fs::is_other(path, ignored)) {  // a device, which the file would replace
    faults_.push_back(key + ": " + path.string() + " is no regular file; name another");
  } else {
    add_folder(key, path.parent_path(), needed_bytes);
  }
}

// The nearest parent that exists decides.
void OutputCheck::add_folder(const std::string& key, const fs::path& folder, double needed_bytes) {
  std::error_code failure;
  fs::path existing = fs::absolute(folder.empty() ? "." : folder, failure).lexically_normal();
  for (;;) {
    const std::string reason = why_unusable(existing);
    if (!reason.empty()) {
      faults_.push_back(fmt::format("{}: {}: {}; choose another folder", key, existing.string(), reason));
      return;
    }
    if (fs::exists(existing, failure) || !existing.has_relative_path()) break;
    existing = existing.parent_path();
  }
  struct stat status {};
  if (!fs::is_directory(existing, failure) || ::stat(existing.c_str(), &status) != 0) {
    faults_.push_back(key + ": " + existing.string() + " is not a folder; choose another");
  } else if (::access(existing.c_str(), W_OK | X_OK) != 0) {
    faults_.push_back(key + ": cannot write in " + existing.string() +
                      "; check its permissions or choose another folder");
  } else if (needed_bytes > 0) {
    const auto same = [&](const Disk& disk) { return disk.device == status.st_dev; };
    auto disk = std::find_if(disks_.begin(), disks_.end(), same);
    if (disk == disks_.end()) disk = disks_.insert(disk, {status.st_dev, "", existing, 0});
    disk->keys += (disk->keys.empty() ? "" : ", ") + key;
    disk->needed_bytes += needed_bytes;
  }
}

std::vector<std::string> OutputCheck::faults() const {
  std::vector<std::string> all = faults_;
  for (const Disk& disk : disks_) {
    std::error_code failure;
    const double free_bytes = static_cast<double>(fs::space(disk.folder, failure).available);
    if (failure || free_bytes >= disk.needed_bytes) continue;
    all.push_back(fmt::format("{}: {} has {} free, the run writes {}; free space or choose another folder", disk.keys,
                              disk.folder.string(), describe_bytes(free_bytes), describe_bytes(disk.needed_bytes)));
  }
  return all;
}

}  // namespace cloudmask
