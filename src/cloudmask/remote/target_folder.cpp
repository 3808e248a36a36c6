#include "cloudmask/remote/target_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <cstdio>
#include <string>

#include "cloudmask/base/error.h"
#include "cloudmask/base/system_error.h"
#include "cloudmask/remote/object_key.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;

const std::string kState(kStateFolder);

Descriptor open_folder(int parent, const std::string& name) {
  return Descriptor(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

/// O_NOFOLLOW with O_DIRECTORY says ENOTDIR of a link.
[[noreturn]] void fail_on_way(const fs::path& path) {
  if (errno == ENOTDIR || errno == ELOOP) {
    throw Error(path.string() +
                ": a file or a symbolic link is where a folder is wanted; it is not followed; remove it");
  }
  throw_system_error("cannot open", path, errno);
}

}  // namespace

TargetFolder::TargetFolder(fs::path folder)
    : path_(std::move(folder)), root_(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (!root_.valid()) throw_system_error("cannot open folder", path_, errno);
}

TargetFolder::~TargetFolder() {
  if (state_.valid()) ::unlinkat(root_.get(), kState.c_str(), AT_REMOVEDIR);
}

std::uint64_t TargetFolder::free_bytes() const {
  struct statvfs space {};
  if (::fstatvfs(root_.get(), &space) != 0) throw_system_error("cannot tell the free space of", path_, errno);
  return static_cast<std::uint64_t>(space.f_bavail) * space.f_frsize;
}

Descriptor TargetFolder::folder_of(const fs::path& relative, bool make) const {
  Descriptor folder(::fcntl(root_.get(), F_DUPFD_CLOEXEC, 0));
  fs::path walked = path_;
  for (const fs::path& part : relative.parent_path()) {
    walked /= part;
    if (make && ::mkdirat(folder.get(), part.c_str(), 0777) != 0 && errno != EEXIST) {
      throw_system_error("cannot make folder", walked, errno);
    }
    folder = open_folder(folder.get(), part.string());
    if (folder.valid()) continue;
    if (errno == ENOENT && !make) return folder;
    fail_on_way(walked);
  }
  return folder;
}

std::optional<TargetFolder::File> TargetFolder::open(const fs::path& relative) const {
  const Descriptor folder = folder_of(relative, false);
  if (!folder.valid()) return std::nullopt;
  const fs::path full = path_ / relative;
  File file;
  // O_NONBLOCK: a pipe would wait for its writer.
  const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  file.descriptor = Descriptor(::openat(folder.get(), relative.filename().c_str(), flags));
  if (!file.descriptor.valid()) {
    if (errno == ENOENT) return std::nullopt;
    if (errno == ELOOP) throw Error(full.string() + ": a symbolic link is in the way; it is not followed; remove it");
    throw_system_error("cannot open", full, errno);
  }
  struct stat status {};
  if (::fstat(file.descriptor.get(), &status) != 0) throw_system_error("cannot look at", full, errno);
  if (!S_ISREG(status.st_mode)) throw Error(full.string() + ": a folder or a device is in the way; remove it");
  file.bytes = static_cast<std::uint64_t>(status.st_size);
  file.modified_s = status.st_mtim.tv_sec;
  return file;
}

void TargetFolder::begin_writing() {
  const fs::path full = path_ / kState;
  if (::mkdirat(root_.get(), kState.c_str(), 0777) != 0 && errno != EEXIST) {
    throw_system_error("cannot write in", path_, errno);
  }
  state_ = open_folder(root_.get(), kState);
  if (!state_.valid()) fail_on_way(full);
  if (::flock(state_.get(), LOCK_EX | LOCK_NB) != 0) {
    const int reason = errno;
    state_.close();
    if (reason == EWOULDBLOCK) throw Error(path_.string() + ": another cloudmask fetches into it; wait for its end");
    throw_system_error("cannot lock", full, reason);
  }
}

void TargetFolder::adopt(const std::string& state_name, const fs::path& relative) const {
  const Descriptor folder = folder_of(relative, true);
  if (::renameat(state_.get(), state_name.c_str(), folder.get(), relative.filename().c_str()) != 0) {
    throw_system_error("cannot write", path_ / relative, errno);
  }
}

}  // namespace cloudmask
