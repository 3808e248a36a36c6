#include "cloudmask/scene/product_folder.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/base/interrupt.h"
#include "cloudmask/scene/product.h"
#include "cloudmask/scene/product_files.h"

namespace cloudmask {

namespace fs = std::filesystem;

namespace {

// A granule's files take about 100 MB: what unpacks to more is made to fill disks.
constexpr std::uint64_t kMaxBytes = std::uint64_t{2} << 30U;
constexpr int kMaxEntries = 100'000;

struct CloseArchive {
  void operator()(archive* opened) const { archive_read_free(opened); }
};

class Unpacker {
 public:
  Unpacker(const fs::path& product, const fs::path& folder)
      : product_(product), folder_(folder), opened_(archive_read_new()) {
    archive_read_support_format_zip_seekable(opened_.get());
    archive_read_support_format_tar(opened_.get());
    constexpr std::size_t kBlockBytes = 1U << 16U;
    if (archive_read_open_filename(opened_.get(), product.c_str(), kBlockBytes) != ARCHIVE_OK) fail();
  }

  // All names in the archive.
  std::set<std::string> unpack(const std::vector<std::string>& wanted) {
    std::set<std::string> names;
    archive_entry* entry = nullptr;
    int status = ARCHIVE_OK;
    int entries = 0;
    while ((status = archive_read_next_header(opened_.get(), &entry)) == ARCHIVE_OK || status == ARCHIVE_WARN) {
      if (++entries > kMaxEntries) refuse(fmt::format("holds more than {} files", kMaxEntries));
      const char* const path = archive_entry_pathname(entry);
      const std::string name = path == nullptr ? "" : fs::path(path).filename().string();
      if (archive_entry_filetype(entry) != AE_IFREG) continue;
      names.insert(name);
      if (std::find(wanted.begin(), wanted.end(), name) == wanted.end()) continue;
      if (fs::exists(folder_ / name)) refuse(fmt::format("holds {} twice, wanted one product", name));
      write(name);
    }
    if (status != ARCHIVE_EOF) fail();
    return names;
  }

 private:
  void write(const std::string& name) {
    std::ofstream file(folder_ / name, std::ios::binary);
    std::vector<char> buffer(1U << 18U);
    for (;;) {
      if (interrupt_requested()) throw Interrupted(product_.string() + ": stopped by a signal while unpacking");
      const la_ssize_t count = archive_read_data(opened_.get(), buffer.data(), buffer.size());
      if (count < 0) fail();
      if (count == 0) break;
      unpacked_bytes_ += static_cast<std::uint64_t>(count);  // the sizes in its headers may lie
      if (unpacked_bytes_ > kMaxBytes) refuse(fmt::format("unpacks to more than {} GiB", kMaxBytes >> 30U));
      file.write(buffer.data(), count);
      if (!file) break;
    }
    file.close();
    if (!file) {
      throw Error(fmt::format("{}: cannot be unpacked into {}: free space there, or set TMPDIR to another folder",
                              product_.string(), folder_.string()));
    }
  }

  [[noreturn]] void refuse(const std::string& found) const {
    throw Error(fmt::format("{}: {}; unpack it by hand and give the .SEN3 folder if it is what you want",
                            product_.string(), found));
  }

  [[noreturn]] void fail() const {
    const char* const reason = archive_error_string(opened_.get());
    throw Error(fmt::format("{}: is no archive, damaged or cut off ({}); get it again", product_.string(),
                            reason == nullptr ? "unknown reason" : reason));
  }

  const fs::path& product_;
  const fs::path& folder_;
  std::unique_ptr<archive, CloseArchive> opened_;
  std::uint64_t unpacked_bytes_ = 0;
};

fs::path make_temporary_folder() {
  std::error_code fault;
  std::string name = (fs::temp_directory_path(fault) / "cloudmask-XXXXXX").string();
  if (fault || ::mkdtemp(name.data()) == nullptr) {
    throw Error(fmt::format("no temporary folder can be made to unpack an archive: {}; set TMPDIR to another place",
                            fault ? fault.message() : name));
  }
  return name;
}

// A file that is missing beside others of its view is told of when it is opened.
void require_view(const fs::path& product, View view, const std::function<bool(const std::string&)>& has) {
  const View other = view == View::kNadir ? View::kOblique : View::kNadir;
  const auto has_any = [&](View of) {
    const std::vector<std::string> names = product_file_names(of);
    return std::any_of(names.begin(), names.end(), has);
  };
  if (has_any(view) || !has_any(other)) return;
  throw Error(fmt::format("{}: has no file of the {} view, only of the {} view; get it again, or set view: {}",
                          product.string(), to_string(view), to_string(other), to_string(other)));
}

}  // namespace

ProductFolder::ProductFolder(const fs::path& product, View view) : path_(product) {
  require_level_1(product, product.filename().string());
  std::error_code fault;
  if (fs::is_directory(product, fault)) {
    require_view(product, view, [&](const std::string& name) { return fs::exists(product / name, fault); });
    return;
  }
  if (!fs::exists(product, fault)) throw Error(fmt::format("{}: no such product", product.string()));
  temporary_ = make_temporary_folder();
  path_ = temporary_ / product.filename();  // errors name files in it
  try {
    make_folder(path_);
    const std::set<std::string> names = Unpacker(product, path_).unpack(product_file_names(view));
    require_view(product, view, [&](const std::string& name) { return names.count(name) > 0; });
  } catch (...) {
    fs::remove_all(temporary_, fault);
    throw;
  }
}

ProductFolder::~ProductFolder() {
  std::error_code fault;
  if (!temporary_.empty()) fs::remove_all(temporary_, fault);
}

}  // namespace cloudmask
