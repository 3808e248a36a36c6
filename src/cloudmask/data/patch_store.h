#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "cloudmask/config/options.h"
#include "cloudmask/data/packed_patches.h"
#include "cloudmask/data/patch_cache.h"
#include "cloudmask/teaching/labeller.h"

namespace cloudmask {

/// One of `count` equal parts of something, for one of as many processes.
struct Share {
  int index = 0;
  int count = 1;
};

/// How many patches each scene has, from the headers of a share of the scenes; 0 for those of other shares. An
/// unreadable scene is an Error, or with keep_going left out with a warning: kLeftOut.
inline constexpr double kLeftOut = -1;
std::vector<double> count_patches(const std::vector<std::filesystem::path>& scenes, const DataOptions& options,
                                  const Labeller& labeller, Share share = {});

/// The scenes of one data set as packed patches, read when asked for. With DataOptions::cache_dir each scene's patches
/// are kept there in one file (PatchCache). Safe to call from several threads.
class PatchStore {
 public:
  /// `patches` are those of count_patches, all shares together. Throws Error when no scene has a whole patch. Stores of
  /// one run share a `cache`; without one a store has its own.
  PatchStore(const std::vector<std::filesystem::path>& scenes, const std::vector<double>& patches, const Config& config,
             std::shared_ptr<const Labeller> labeller, std::shared_ptr<PatchCache> cache = nullptr);

  /// Looks at the headers of all scenes itself.
  PatchStore(const std::vector<std::filesystem::path>& scenes, const Config& config,
             const std::shared_ptr<const Labeller>& labeller = std::make_shared<ProvidedLabels>(),
             std::shared_ptr<PatchCache> cache = nullptr)
      : PatchStore(scenes, count_patches(scenes, config.data, *labeller), config, labeller, std::move(cache)) {}

  int scenes() const { return static_cast<int>(scenes_.size()); }
  int patch_size_px() const { return options_.patch_size_px; }
  int channels() const { return input_channels(normalisation_); }
  int patches(int scene) const { return scenes_[static_cast<std::size_t>(scene)].patches; }
  /// Memory of all scenes together once they are loaded.
  std::int64_t total_bytes() const;
  std::int64_t bytes(int scene) const;

  /// Reads one scene. With keep_going a fault is a warning and the scene's patches hold no known pixel.
  /// `threads` read one scene; 0: as many as there are cores.
  PackedPatches load(int scene, int threads = 0) const;

 private:
  struct Entry {
    std::filesystem::path file;
    int patches = 0;
  };
  PackedPatches read(const std::filesystem::path& file, int threads) const;

  std::vector<Entry> scenes_;
  DataOptions options_;
  Normalisation normalisation_;
  std::shared_ptr<const Labeller> labeller_;
  std::shared_ptr<PatchCache> cache_;
};

}  // namespace cloudmask
