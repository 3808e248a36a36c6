#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <vector>

#include "cloudmask/config/options.h"
#include "cloudmask/data/packed_patches.h"

namespace cloudmask {

/// The scenes of one data set as packed patches, read when asked for. With DataOptions::cache_dir each scene's patches
/// are kept there in one file, so that later runs need not read HDF5; a file that is torn, or older than its scene, is
/// made anew. Safe to call from several threads.
class PatchStore {
 public:
  /// Looks at the headers of all scenes: an unreadable one is an Error, or with keep_going left out with a warning.
  /// Throws Error when no scene has a whole patch.
  PatchStore(std::vector<std::filesystem::path> scenes, const DataOptions& options);

  int scenes() const { return static_cast<int>(scenes_.size()); }
  int patch_size_px() const { return options_.patch_size_px; }
  int patches(int scene) const { return scenes_[static_cast<std::size_t>(scene)].patches; }
  /// Memory of all scenes together once they are loaded.
  std::int64_t total_bytes() const;
  std::int64_t bytes(int scene) const;

  /// Reads one scene. With keep_going a fault is a warning and the scene's patches hold no known pixel.
  PackedPatches load(int scene) const;

 private:
  struct Entry {
    std::filesystem::path file;
    int patches = 0;
  };
  PackedPatches read(const std::filesystem::path& file) const;
  std::filesystem::path cache_file(const std::filesystem::path& file) const;

  std::vector<Entry> scenes_;
  DataOptions options_;
};

}  // namespace cloudmask
