#include "cloudmask/data/patch_store.h"

#include <fmt/format.h>

#include <functional>

#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/base/interrupt.h"
#include "cloudmask/base/log.h"
#include "cloudmask/scene/scene_reader.h"

namespace cloudmask {

namespace fs = std::filesystem;

PatchStore::PatchStore(std::vector<fs::path> scenes, const DataOptions& options) : options_(options) {
  const ReadOptions wanted{.need_label = true, .want_truth = false, .reflectance_grid = options.reflectance_grid};
  int left_out = 0;
  for (const fs::path& file : scenes) {
    if (interrupt_requested()) throw Interrupted("stopped by a signal while looking at the scenes");
    try {
      const SceneInfo info = inspect_scene(file, wanted);
      const int patches = make_patch_grid(info.height_px, info.width_px, options.patch_size_px).count();
      if (patches > 0) scenes_.push_back({file, patches});
    } catch (const Error& error) {
      if (!options.keep_going) throw;
      log_warning(fmt::format("left out: {}", error.what()));
      ++left_out;
    }
  }
  if (scenes_.empty()) {
    throw Error(
        fmt::format("none of the {} scenes ({} unreadable) holds a whole patch of {} px; set a smaller PATCH_SIZE",
                    scenes.size(), left_out, options.patch_size_px));
  }
}

std::int64_t PatchStore::bytes(int scene) const { return packed_bytes(patches(scene), options_.patch_size_px); }

std::int64_t PatchStore::total_bytes() const {
  std::int64_t total = 0;
  for (int scene = 0; scene < scenes(); ++scene) total += bytes(scene);
  return total;
}

fs::path PatchStore::cache_file(const fs::path& file) const {
  const auto key = fmt::format("{}|{}|{}", fs::absolute(file).string(), options_.patch_size_px,
                               static_cast<int>(options_.reflectance_grid));
  return options_.cache_dir / fmt::format("{}-{:016x}.patches", file.stem().string(), std::hash<std::string>{}(key));
}

PackedPatches PatchStore::read(const fs::path& file) const {
  ReadOptions read_options;
  read_options.need_label = true;
  read_options.want_truth = false;
  read_options.reflectance_grid = options_.reflectance_grid;
  return {read_scene(file, read_options), options_.patch_size_px};
}

PackedPatches PatchStore::load(int scene) const {
  const Entry& entry = scenes_[static_cast<std::size_t>(scene)];
  try {
    if (options_.cache_dir.empty()) return read(entry.file);
    const fs::path cached = cache_file(entry.file);
    if (fs::exists(cached) && fs::last_write_time(cached) >= fs::last_write_time(entry.file)) {
      if (auto patches = PackedPatches::from_bytes(read_file(cached), options_.patch_size_px))
        return *std::move(patches);
      log_warning(fmt::format("{}: damaged, made anew", cached.string()));
    }
    PackedPatches patches = read(entry.file);
    try {
      write_file_atomically(cached, patches.to_bytes());
    } catch (const Error& error) {
      log_warning(fmt::format("going on without this cache file: {}", error.what()));
    }
    return patches;
  } catch (const Interrupted&) {
    throw;
  } catch (const Error& error) {
    if (!options_.keep_going) throw;
    log_warning(fmt::format("left out: {}", error.what()));
    return PackedPatches::unknown(entry.patches, options_.patch_size_px);
  }
}

}  // namespace cloudmask
