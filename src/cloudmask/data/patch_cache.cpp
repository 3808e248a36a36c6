#include "cloudmask/data/patch_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <string>

#include "cloudmask/base/checksum.h"
#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/base/log.h"
#include "cloudmask/base/read_only_file.h"
#include "cloudmask/scene/scene_reader.h"

namespace cloudmask {

namespace fs = std::filesystem;

namespace {

// A scene that was replaced by another of the same size and time (copied with its old time, or within a tick of the
// clock) differs in nearly every block; whoever changes single values must touch the file.
std::uint64_t sample(const ReadOnlyFile& file) {
  constexpr std::uint64_t kBlocks = 16;
  constexpr std::uint64_t kBlockBytes = 4096;
  std::string blocks;
  for (std::uint64_t i = 0; i < kBlocks; ++i) {
    std::array<char, kBlockBytes> block{};
    const std::uint64_t offset = file.size_bytes() / kBlocks * i;
    const std::uint64_t bytes = std::min(kBlockBytes, file.size_bytes() - offset);
    file.read_at(offset, block.data(), bytes);
    blocks.append(block.data(), bytes);
  }
  return checksum(blocks);
}

}  // namespace

PatchKey patch_key(const fs::path& scene, const DataOptions& options, int channels, std::uint64_t labeller) {
  PatchKey key{.patch_size_px = options.patch_size_px,
               .channels = channels,
               .reflectance_grid = static_cast<std::int32_t>(options.reflectance_grid),
               .view = static_cast<std::int32_t>(options.view),
               .labeller = labeller};
  for (const fs::path& part : scene_parts(scene, options.view)) {
    const ReadOnlyFile file(part);
    key.scene_bytes += file.size_bytes();
    key.scene_modified_ns = std::max(key.scene_modified_ns, file.modified_ns());
    key.scene_sample = std::rotl(key.scene_sample, 1) ^ sample(file);
  }
  return key;
}

fs::path PatchCache::file_for(const fs::path& scene, const PatchKey& key) const {
  const fs::path of = fs::absolute(scene).parent_path() / result_name(scene, static_cast<View>(key.view));
  const auto name = fmt::format("{}|{}|{}|{}", of.string(), key.patch_size_px, key.channels, key.reflectance_grid);
  return folder_ / fmt::format("{}-{:016x}.patches", scene.stem().string(), checksum(name));
}

std::optional<PackedPatches> PatchCache::load(const fs::path& scene, const PatchKey& key) const {
  const fs::path cached = file_for(scene, key);
  std::error_code none;
  if (!fs::exists(cached, none)) return std::nullopt;
  try {
    const ReadOnlyFile file(cached);
    UninitialisedVector<char> bytes(file.size_bytes());
    file.read_at(0, bytes.data(), bytes.size());
    auto patches = PackedPatches::from_bytes({bytes.data(), bytes.size()}, key);
    if (!patches) log_detail(fmt::format("{}: torn, or its scene has changed; made anew", cached.string()));
    return patches;
  } catch (const Error& error) {
    log_detail(error.what());
    return std::nullopt;
  }
}

void PatchCache::keep(const fs::path& scene, const PatchKey& key, const PackedPatches& patches) {
  if (!writable_) return;
  try {
    write_file_atomically(file_for(scene, key), patches.to_bytes(key));
  } catch (const Error& error) {
    if (!writable_.exchange(false)) return;
    log_warning(
        fmt::format("cache_dir {} cannot keep prepared patches, so scenes will be read again, which is slower ({})",
                    folder_.string(), error.what()));
  }
}

}  // namespace cloudmask
