#include "cloudmask/base/files.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "cloudmask/base/descriptor.h"
#include "cloudmask/base/error.h"
#include "cloudmask/base/system_error.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;

Descriptor open_file(const fs::path& path, int flags) {
  return Descriptor(::open(path.c_str(), flags | O_CLOEXEC, 0666));
}

void write_all(Descriptor& file, std::string_view text, const fs::path& path) {
  while (!text.empty()) {
    const ssize_t written = ::write(file.get(), text.data(), text.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      throw_system_error("cannot write", path, errno);
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (!file.close()) throw_system_error("cannot write", path, errno);
}

fs::path parent_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

/// Makes an empty file with a name nobody else uses, also on a folder that several machines share.
fs::path make_temporary(const fs::path& final_path, const fs::path& named_in_errors) {
  static std::atomic<std::uint64_t> counter{0};
  for (;;) {
    const std::string name = "." + final_path.filename().string() + "." + std::to_string(::getpid()) + "." +
                             std::to_string(counter++) + ".tmp";
    fs::path candidate = parent_of(final_path) / name;
    const Descriptor made = open_file(candidate, O_CREAT | O_EXCL | O_WRONLY);
    if (made.valid()) return candidate;
    if (errno != EEXIST) throw_system_error("cannot write", named_in_errors, errno);
  }
}

}  // namespace

fs::path expand_home(const std::string& path) {
  if (path != "~" && path.rfind("~/", 0) != 0) return path;
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') {
    const passwd* user = ::getpwuid(::getuid());
    if (user == nullptr) throw Error("cannot expand " + path + ": HOME is not set; write the path in full");
    home = user->pw_dir;
  }
  return fs::path(home + path.substr(1));
}

void make_folder(const fs::path& folder) {
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (!failure && !fs::is_directory(folder, failure)) failure = std::make_error_code(std::errc::not_a_directory);
  if (failure) throw_system_error("cannot make folder", folder, failure.value());
}

AtomicFile::AtomicFile(fs::path final_path) : final_path_(std::move(final_path)) {
  std::error_code ignored;
  // A rename would replace a link, or a device such as /dev/null, instead of writing to it.
  if (fs::is_symlink(final_path_, ignored)) {
    std::error_code circle;
    const fs::path target = fs::weakly_canonical(final_path_, circle);
    if (circle) throw_system_error("cannot write", final_path_, circle.value());
    final_path_ = target;
  }
  const fs::file_status status = fs::status(final_path_, ignored);
  if (fs::is_directory(status)) throw_system_error("cannot write", final_path_, EISDIR);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    throw Error("cannot write " + final_path_.string() + ": it is not a regular file; name another");
  }
  make_folder(parent_of(final_path_));
  temporary_path_ = make_temporary(final_path_, final_path_);
}

AtomicFile::~AtomicFile() {
  if (!committed_) ::unlink(temporary_path_.c_str());
}

void AtomicFile::commit() {
  {
    const Descriptor file = open_file(temporary_path_, O_RDONLY);
    if (!file.valid()) throw_system_error("cannot write", final_path_, errno);
    // EINVAL: a file system without fsync
    if (::fsync(file.get()) != 0 && errno != EINVAL) throw_system_error("cannot write", final_path_, errno);
  }
  if (::rename(temporary_path_.c_str(), final_path_.c_str()) != 0)
    throw_system_error("cannot write", final_path_, errno);
  committed_ = true;
  // The rename itself survives a power cut only with the folder on disk; the content is safe either way.
  const Descriptor folder = open_file(parent_of(final_path_), O_RDONLY | O_DIRECTORY);
  if (folder.valid()) ::fsync(folder.get());
}

void write_file_atomically(const fs::path& path, std::string_view content) {
  AtomicFile file(path);
  Descriptor output = open_file(file.temporary_path(), O_WRONLY | O_TRUNC);
  if (!output.valid()) throw_system_error("cannot write", path, errno);
  write_all(output, content, path);
  file.commit();
}

void append_to_file(const fs::path& path, std::string_view text) {
  make_folder(parent_of(path));
  Descriptor file = open_file(path, O_WRONLY | O_CREAT | O_APPEND);
  struct stat before {};
  if (!file.valid() || ::fstat(file.get(), &before) != 0) throw_system_error("cannot write", path, errno);
  try {
    write_all(file, text, path);
  } catch (const Error&) {
    // Behind a torn end readers of logs would take nothing any more.
    std::error_code ignored;
    if (S_ISREG(before.st_mode)) fs::resize_file(path, static_cast<std::uintmax_t>(before.st_size), ignored);
    throw;
  }
}

std::string read_file(const fs::path& path) {
  const Descriptor file = open_file(path, O_RDONLY);
  if (!file.valid()) throw_system_error("cannot read", path, errno);
  std::string content;
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
    if (count == 0) return content;
    if (count > 0) {
      content.append(buffer.data(), static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      throw_system_error("cannot read", path, errno);
    }
  }
}

void require_writable_folder(const fs::path& folder) {
  make_folder(folder);
  const fs::path probe = make_temporary(folder / "cloudmask", folder);
  const Descriptor file = open_file(probe, O_WRONLY);
  const bool written = file.valid() && ::write(file.get(), "x", 1) == 1 && ::fsync(file.get()) == 0;
  const int reason = errno;
  ::unlink(probe.c_str());
  if (!written) throw_system_error("cannot write in", folder, reason);
}

}  // namespace cloudmask
