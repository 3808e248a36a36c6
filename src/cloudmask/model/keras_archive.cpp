#include "cloudmask/model/keras_archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <array>
#include <memory>

#include "cloudmask/base/error.h"

namespace cloudmask {
namespace {

constexpr std::size_t kMaxConfigBytes = std::size_t{16} << 20;
constexpr std::size_t kMaxWeightsBytes = std::size_t{1} << 30;

struct CloseArchive {
  void operator()(archive* opened) const { archive_read_free(opened); }
};
using Archive = std::unique_ptr<archive, CloseArchive>;

[[noreturn]] void fail(const Archive& opened) {
  const char* reason = archive_error_string(opened.get());
  throw Error(fmt::format("the archive is damaged or cut off ({})", reason == nullptr ? "unknown reason" : reason));
}

// The size in the archive's headers may lie: count what is really there.
std::string read_entry(const Archive& opened, const std::string& name, std::size_t limit_bytes) {
  std::string content;
  std::array<char, 65536> buffer{};
  for (;;) {
    const la_ssize_t count = archive_read_data(opened.get(), buffer.data(), buffer.size());
    if (count < 0) fail(opened);
    if (count == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(count));
    if (content.size() > limit_bytes) {
      throw Error(fmt::format("{} in the archive is larger than {} MiB", name, limit_bytes >> 20));
    }
  }
}

}  // namespace

KerasArchive read_keras_archive(const std::filesystem::path& file) {
  const Archive opened(archive_read_new());
  archive_read_support_format_zip_seekable(opened.get());
  constexpr std::size_t kBlockBytes = 65536;
  if (archive_read_open_filename(opened.get(), file.c_str(), kBlockBytes) != ARCHIVE_OK) fail(opened);

  KerasArchive parts;
  archive_entry* entry = nullptr;
  int status = ARCHIVE_OK;
  while ((status = archive_read_next_header(opened.get(), &entry)) == ARCHIVE_OK || status == ARCHIVE_WARN) {
    const char* path = archive_entry_pathname(entry);
    const std::string name = path == nullptr ? "" : path;
    if (name == "config.json") parts.config = read_entry(opened, name, kMaxConfigBytes);
    if (name == "model.weights.h5") parts.weights = read_entry(opened, name, kMaxWeightsBytes);
  }
  if (status != ARCHIVE_EOF) fail(opened);
  for (const auto& [name, part] : {std::pair("config.json", &parts.config), {"model.weights.h5", &parts.weights}}) {
    if (part->empty()) throw Error(fmt::format("the archive has no {}, wanted a .keras file", name));
  }
  return parts;
}

}  // namespace cloudmask
