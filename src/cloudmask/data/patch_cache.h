#pragma once

#include <atomic>
#include <filesystem>
#include <optional>

#include "cloudmask/config/options.h"
#include "cloudmask/data/packed_patches.h"

namespace cloudmask {

/// The key of the patches with `channels` that `options` and a labeller of this fingerprint make of a scene file as it
/// is now. Throws Error when it cannot be read.
PatchKey patch_key(const std::filesystem::path& scene, const DataOptions& options, int channels,
                   std::uint64_t labeller);

/// A folder with one file of packed patches for each scene and patch size, so that later runs need not read HDF5. Its
/// files are a convenience: whatever is wrong with one, or with the folder, is no error. Safe to call from several
/// threads and processes.
class PatchCache {
 public:
  explicit PatchCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Nothing when there is no file, or it is torn or of another key.
  std::optional<PackedPatches> load(const std::filesystem::path& scene, const PatchKey& key) const;

  /// The first time this fails (read-only, full) is a warning, and the last time it is tried.
  void keep(const std::filesystem::path& scene, const PatchKey& key, const PackedPatches& patches);

 private:
  std::filesystem::path file_for(const std::filesystem::path& scene, const PatchKey& key) const;

  std::filesystem::path folder_;
  std::atomic<bool> writable_ = true;
};

}  // namespace cloudmask
