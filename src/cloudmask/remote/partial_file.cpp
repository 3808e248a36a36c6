#include "cloudmask/remote/partial_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <utility>

#include "cloudmask/base/error.h"
#include "cloudmask/base/system_error.h"
#include "cloudmask/remote/digest.h"
#include "cloudmask/remote/object_key.h"

namespace cloudmask {
namespace {

constexpr double kNoteInterval_s = 0.25;
constexpr std::size_t kLongestNote_bytes = 1U << 20U;
const std::string kNote = ".json";
const std::string kUnfinishedNote = ".json.new";

void write_at(int descriptor, std::uint64_t offset, std::string_view bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0) {
      if (errno == EINTR) continue;
      throw_system_error("cannot write", path, errno);
    }
    offset += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

PartialFile::PartialFile(const TargetFolder& folder, WantedFile wanted)
    : folder_(folder),
      wanted_(std::move(wanted)),
      name_(to_hex(digest_of_text(wanted_.path.string(), DigestKind::kSha256)).substr(0, 32)) {
  remove(name_ + kUnfinishedNote);  // of a run that was killed while it wrote one
  load_note();
}

void PartialFile::load_note() {
  const Descriptor note(::openat(folder_.state(), (name_ + kNote).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  struct stat file {};
  if (!note.valid() || ::fstatat(folder_.state(), name_.c_str(), &file, AT_SYMLINK_NOFOLLOW) != 0) return;
  std::string text(kLongestNote_bytes, '\0');
  const ssize_t bytes = ::read(note.get(), text.data(), text.size());
  text.resize(bytes < 0 ? 0 : static_cast<std::size_t>(bytes));
  try {
    const auto json = nlohmann::json::parse(text);
    const RemoteObject& object = wanted_.object;
    if (json.at("key") != object.key || json.at("etag") != object.etag || json.at("bytes") != object.bytes) return;
    if (object.etag.empty()) return;  // nothing tells whether it is still the same
    RangeSet received;
    for (const auto& range : json.at("received")) {
      const auto offset = range.at(0).get<std::uint64_t>();
      const auto length = range.at(1).get<std::uint64_t>();
      const auto file_bytes = static_cast<std::uint64_t>(file.st_size);
      if (offset > file_bytes || length > file_bytes - offset || file_bytes > object.bytes) return;
      received.add({offset, length});
    }
    received_ = received;
  } catch (const nlohmann::json::exception&) {
    return;  // cut off or not ours: begin again
  }
}

void PartialFile::open() {
  const int fresh = received_.bytes() == 0 ? O_TRUNC : 0;
  file_ = Descriptor(::openat(folder_.state(), name_.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | fresh, 0666));
  if (!file_.valid()) throw_system_error("cannot write", folder_.path() / wanted_.path, errno);
  since_note_.restart();  // small files are done before they need one
}

void PartialFile::write(std::uint64_t offset, std::string_view bytes) {
  write_at(file_.get(), offset, bytes, folder_.path() / wanted_.path);
  const std::lock_guard lock(mutex_);
  received_.add({offset, bytes.size()});
  if (since_note_.elapsed_s() >= kNoteInterval_s) save_note();
}

void PartialFile::keep_note() {
  const std::lock_guard lock(mutex_);
  if (received_.bytes() > 0) save_note();
}

void PartialFile::set_aside() {
  keep_note();
  file_.close();
  if (received_bytes() == 0) remove(name_);
}

void PartialFile::save_note() {
  since_note_.restart();
  nlohmann::json received = nlohmann::json::array();
  for (const ByteRange& range : received_.ranges()) received.push_back({range.offset, range.bytes});
  const RemoteObject& object = wanted_.object;
  const nlohmann::json json = {
      {"key", object.key}, {"etag", object.etag}, {"bytes", object.bytes}, {"received", received}};
  const std::string note = name_ + kNote;
  const std::string fresh = name_ + kUnfinishedNote;
  const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
  Descriptor file(::openat(folder_.state(), fresh.c_str(), flags, 0666));
  const std::filesystem::path path = folder_.path() / wanted_.path;
  if (!file.valid()) throw_system_error("cannot write the note of", path, errno);
  write_at(file.get(), 0, json.dump(), path);
  if (!file.close() || ::renameat(folder_.state(), fresh.c_str(), folder_.state(), note.c_str()) != 0) {
    throw_system_error("cannot write the note of", path, errno);
  }
}

void PartialFile::restart(const RemoteObject& object) {
  const std::lock_guard lock(mutex_);
  remove(name_ + kNote);
  received_.clear();
  wanted_.object = object;
  if (::ftruncate(file_.get(), 0) != 0) throw_system_error("cannot write", folder_.path() / wanted_.path, errno);
}

void PartialFile::adopt() {
  const std::filesystem::path path = folder_.path() / wanted_.path;
  if (wanted_.object.modified_s >= 0) {
    const std::array<timespec, 2> times = {timespec{0, UTIME_OMIT}, timespec{wanted_.object.modified_s, 0}};
    if (::futimens(file_.get(), times.data()) != 0) throw_system_error("cannot set the time of", path, errno);
  }
  // Parts reach the disk in any order: size and time must not vouch for a hole after a power cut.
  if (wanted_.object.bytes > kPart_bytes && ::fdatasync(file_.get()) != 0)
    throw_system_error("cannot write", path, errno);
  if (!file_.close()) throw_system_error("cannot write", path, errno);
  folder_.adopt(name_, wanted_.path);
  remove(name_ + kNote);
}

void PartialFile::remove(const std::string& name) const {
  if (::unlinkat(folder_.state(), name.c_str(), 0) != 0 && errno != ENOENT) {
    throw_system_error("cannot remove", folder_.path() / kStateFolder / name, errno);
  }
}

}  // namespace cloudmask
