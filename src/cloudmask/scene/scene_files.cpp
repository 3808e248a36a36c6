#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cloudmask/base/error.h"
#include "cloudmask/scene/product.h"
#include "cloudmask/scene/scene_reader.h"

namespace cloudmask {

namespace fs = std::filesystem;

namespace {

// Links may be given with a slash at the end, as shells complete them.
fs::path without_slash(const fs::path& path) { return path.has_filename() ? path : path.parent_path(); }

bool named_as_scene(const fs::path& file) {
  const std::string name = file.filename().string();
  return (name.starts_with("S3A") || name.starts_with("S3B")) && file.extension() == ".hdf";
}

// An archive whose product lies unpacked beside it would be the same scene twice.
bool unpacked_beside(const fs::path& product) {
  fs::path folder = product;
  if (folder.extension() != ".SEN3") folder.replace_extension();
  if (folder.extension() != ".SEN3") folder += ".SEN3";
  std::error_code ignored;
  return folder != product && fs::is_directory(folder, ignored);
}

[[noreturn]] void refuse(const fs::path& path, const std::error_code& error) {
  throw Error(fmt::format("{}: cannot be read: {}", path.string(), error.message()));
}

}  // namespace

std::vector<fs::path> find_scenes(const fs::path& path) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (!fs::exists(status)) throw Error(fmt::format("{}: no such file or folder", path.string()));
  if (!fs::is_directory(status) || is_product(without_slash(path))) return {without_slash(path)};

  std::vector<fs::path> scenes;
  std::set<fs::path> visited = {fs::canonical(path)};
  auto entry = fs::recursive_directory_iterator(path, fs::directory_options::follow_directory_symlink, error);
  if (error) refuse(path, error);
  while (entry != fs::recursive_directory_iterator()) {
    std::error_code ignored;  // a dangling link is neither file nor folder
    if (named_as_product(entry->path())) {
      if (!unpacked_beside(entry->path())) scenes.push_back(entry->path());
      entry.disable_recursion_pending();
    } else if (entry->is_directory(ignored)) {
      // Links may lead in circles.
      if (!visited.insert(fs::canonical(entry->path())).second) entry.disable_recursion_pending();
    } else if (entry->is_regular_file(ignored) && named_as_scene(entry->path())) {
      scenes.push_back(entry->path());
    }
    entry.increment(error);
    if (error) refuse(path, error);
  }
  if (scenes.empty()) {
    throw Error(
        fmt::format("{}: holds no scene; wanted files named S3A*.hdf or S3B*.hdf or products named "
                    "S3*_SL_1_RBT_*.SEN3, at any depth",
                    path.string()));
  }
  // As Python sorts: by the bytes of the whole path, not part by part as std::filesystem compares.
  std::sort(scenes.begin(), scenes.end(), [](const fs::path& a, const fs::path& b) { return a.native() < b.native(); });
  return scenes;
}

std::vector<fs::path> find_scenes(const std::vector<fs::path>& inputs) {
  std::vector<fs::path> scenes;
  std::set<fs::path> seen;
  for (const fs::path& input : inputs) {
    for (fs::path& scene : find_scenes(input)) {
      if (seen.insert(fs::weakly_canonical(scene)).second) scenes.push_back(std::move(scene));
    }
  }
  return scenes;
}

std::vector<fs::path> scenes_of_key(const std::string& key, const fs::path& folder) {
  if (folder.empty()) throw UsageError(key + " is not set; give a folder of scenes");
  try {
    return find_scenes(folder);
  } catch (const Error& error) {
    throw Error(key + ": " + error.what());
  }
}

}  // namespace cloudmask
