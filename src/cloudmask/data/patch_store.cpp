#include "cloudmask/data/patch_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cloudmask/base/error.h"
#include "cloudmask/base/interrupt.h"
#include "cloudmask/base/log.h"
#include "cloudmask/scene/scene_reader.h"

namespace cloudmask {

namespace fs = std::filesystem;

namespace {

ReadOptions read_options(const DataOptions& options, const Labeller& labeller) {
  return {.want_label = labeller.needs_label(),
          .need_label = labeller.needs_label(),
          .want_truth = false,
          .reflectance_grid = options.reflectance_grid,
          .view = options.view};
}

}  // namespace

std::vector<double> count_patches(const std::vector<fs::path>& scenes, const DataOptions& options,
                                  const Labeller& labeller, Share share) {
  const ReadOptions wanted = read_options(options, labeller);
  std::vector<double> patches(scenes.size(), 0);
  for (auto i = static_cast<std::size_t>(share.index); i < scenes.size(); i += static_cast<std::size_t>(share.count)) {
    if (interrupt_requested()) throw Interrupted("stopped by a signal while looking at the scenes");
    try {
      const SceneInfo info = inspect_scene(scenes[i], wanted);
      patches[i] = make_patch_grid(info.height_px, info.width_px, options.patch_size_px).count();
    } catch (const Error& error) {
      if (!options.keep_going) throw;
      log_warning(fmt::format("left out: {}", error.what()));
      patches[i] = kLeftOut;
    }
  }
  return patches;
}

PatchStore::PatchStore(const std::vector<fs::path>& scenes, const std::vector<double>& patches, const Config& config,
                       std::shared_ptr<const Labeller> labeller, std::shared_ptr<PatchCache> cache)
    : options_(config.data),
      normalisation_(config.model.normalisation),
      labeller_(std::move(labeller)),
      cache_(std::move(cache)) {
  CM_CHECK(patches.size() == scenes.size());
  if (!cache_ && !options_.cache_dir.empty()) cache_ = std::make_shared<PatchCache>(options_.cache_dir);
  for (std::size_t i = 0; i < scenes.size(); ++i) {
    if (patches[i] > 0) scenes_.push_back({scenes[i], static_cast<int>(patches[i])});
  }
  if (scenes_.empty()) {
    throw Error(
        fmt::format("none of the {} scenes ({} unreadable) holds a whole patch of {} px; set a smaller PATCH_SIZE",
                    scenes.size(), std::count(patches.begin(), patches.end(), kLeftOut), options_.patch_size_px));
  }
}

std::int64_t PatchStore::bytes(int scene) const {
  return packed_bytes(patches(scene), options_.patch_size_px, channels());
}

std::int64_t PatchStore::total_bytes() const {
  std::int64_t total = 0;
  for (int scene = 0; scene < scenes(); ++scene) total += bytes(scene);
  return total;
}

PackedPatches PatchStore::read(const fs::path& file, int threads) const {
  ReadOptions wanted = read_options(options_, *labeller_);
  wanted.threads = threads;
  const Scene scene = read_scene(file, wanted);
  return {NetworkInput(scene, normalisation_, threads), labeller_->targets(scene), options_.patch_size_px};
}

PackedPatches PatchStore::load(int scene, int threads) const {
  const Entry& entry = scenes_[static_cast<std::size_t>(scene)];
  try {
    if (!cache_) return read(entry.file, threads);
    // Before the scene is read: if it changes meanwhile, the key is no longer its own.
    const PatchKey key = patch_key(entry.file, options_, channels(), labeller_->fingerprint());
    if (auto patches = cache_->load(entry.file, key)) return *std::move(patches);
    PackedPatches patches = read(entry.file, threads);
    cache_->keep(entry.file, key, patches);
    return patches;
  } catch (const Interrupted&) {
    throw;
  } catch (const Error& error) {
    if (!options_.keep_going) throw;
    log_warning(fmt::format("left out: {}", error.what()));
    return PackedPatches::unknown(entry.patches, options_.patch_size_px, channels());
  }
}

}  // namespace cloudmask
