#include "cloudmask/base/read_only_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "cloudmask/base/error.h"

namespace cloudmask {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, int error_number) {
  throw Error(fmt::format("{}: cannot be read: {}", path.string(), std::generic_category().message(error_number)));
}

}  // namespace

ReadOnlyFile::ReadOnlyFile(std::filesystem::path path)
    : path_(std::move(path)), descriptor_(::open(path_.c_str(), O_RDONLY | O_CLOEXEC)) {
  look();
}

ReadOnlyFile::ReadOnlyFile(std::filesystem::path path, int descriptor)
    : path_(std::move(path)), descriptor_(::fcntl(descriptor, F_DUPFD_CLOEXEC, 0)) {
  look();
}

ReadOnlyFile::~ReadOnlyFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void ReadOnlyFile::look() {
  struct stat status {};
  if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0) {
    const int reason = errno;
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
    fail(path_, reason);
  }
  size_bytes_ = static_cast<std::uint64_t>(status.st_size);
  modified_ns_ = std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
}

void ReadOnlyFile::read_at(std::uint64_t offset, void* out, std::size_t bytes) const {
  auto* place = static_cast<char*>(out);
  while (bytes > 0) {
    const ssize_t count = ::pread(descriptor_, place, bytes, static_cast<off_t>(offset));
    if (count < 0) {
      if (errno == EINTR) continue;
      fail(path_, errno);
    }
    if (count == 0) {
      throw Error(fmt::format("{}: ends before byte {}: it is truncated, or was changed while it was read",
                              path_.string(), offset + bytes));
    }
    place += count;
    offset += static_cast<std::uint64_t>(count);
    bytes -= static_cast<std::size_t>(count);
  }
}

void ReadOnlyFile::forget_pages() const { ::posix_fadvise(descriptor_, 0, 0, POSIX_FADV_DONTNEED); }

}  // namespace cloudmask
