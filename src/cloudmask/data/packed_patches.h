#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cloudmask/base/uninitialised.h"
#include "cloudmask/data/network_input.h"
#include "cloudmask/data/patch_edit.h"
#include "cloudmask/teaching/labeller.h"

namespace cloudmask {

/// How a scene of some size is cut into training patches: as many whole patches as fit, centred, as the reference does
/// (1200x1500 and 256: rows 88 to 1112, columns 110 to 1390, 4x5 patches).
struct PatchGrid {
  int patch_size_px = 0;
  int rows = 0;
  int columns = 0;
  int top_px = 0;
  int left_px = 0;
  int count() const { return rows * columns; }
};
PatchGrid make_patch_grid(int height_px, int width_px, int patch_size_px);

/// Bytes of `patches` packed patches, in memory and (with a header of some bytes) in a file of cache_dir.
std::int64_t packed_bytes(std::int64_t patches, int patch_size_px, int channels);

/// What a packed channel is in steps of, as NetworkInput has it.
float packed_step(int channel);

/// One of the eight symmetries of the square: bit 0 mirrors columns, bit 1 mirrors rows, bit 2 then transposes.
using Symmetry = unsigned;
inline constexpr Symmetry kSymmetries = 8;

/// What packed patches were made from, and how: those of another key are not the ones wanted.
struct PatchKey {
  std::int32_t patch_size_px = 0;
  std::int32_t channels = 0;
  std::int32_t reflectance_grid = 0;  ///< DataOptions::reflectance_grid
  std::int32_t view = 0;              ///< DataOptions::view
  std::uint64_t scene_bytes = 0;
  std::int64_t scene_modified_ns = 0;
  std::uint64_t scene_sample = 0;  ///< checksum of some of the scene file's bytes
  std::uint64_t labeller = 0;      ///< Labeller::fingerprint
  bool operator==(const PatchKey&) const = default;
};

/// The patches of one scene in 19 or 21 bytes a pixel (a 1200x1500 scene: 25 or 28 MB instead of the file's 168):
/// channels as 16-bit integers of 0.01 K and 1/20000 of reflectance, finer than the instrument's own digits, and the
/// target.
class PackedPatches {
 public:
  PackedPatches() = default;
  /// `targets` [H,W], as Labeller has them.
  PackedPatches(const NetworkInput& scene, const std::vector<Target>& targets, int patch_size_px);

  /// `count` patches without a known pixel: stands in for a scene that could not be read.
  static PackedPatches unknown(int count, int patch_size_px, int channels);

  /// To and from one block of bytes with a checksum. from_bytes gives nothing when the block is torn, of another
  /// version of the program or of another key.
  std::string to_bytes(const PatchKey& key) const;
  static std::optional<PackedPatches> from_bytes(std::string_view bytes, const PatchKey& key);

  int count() const { return count_; }
  int channels() const { return channels_a_pixel_; }
  int patch_size_px() const { return patch_size_px_; }
  const std::int16_t* channel_data() const { return channels_.data(); }  ///< [count,P,P,C], in packed_step()
  const Target* target_data() const { return targets_.data(); }          ///< [count,P,P]
  std::size_t bytes() const { return channels_.size() * sizeof(std::int16_t) + targets_.size(); }

  /// Writes one patch, turned by `symmetry`, into memory of its size and channels: input [P,P,C] as NetworkInput gives
  /// it (to the rounding above), target [P,P] 1 cloud to 0 clear, 0 if unknown, weight [P,P] 0 where target or pixel
  /// are unknown, else 1.
  void unpack(int number, Symmetry symmetry, const UnpackedPatch& patch) const;

 private:
  std::size_t pixels() const {
    return static_cast<std::size_t>(count_) * static_cast<std::size_t>(patch_size_px_) *
           static_cast<std::size_t>(patch_size_px_);
  }

  int patch_size_px_ = 0;
  int channels_a_pixel_ = 0;
  int count_ = 0;
  UninitialisedVector<std::int16_t> channels_;  // [count, P, P, C]
  UninitialisedVector<Target> targets_;         // [count, P, P], kUnknown also where the pixel is missing
};

}  // namespace cloudmask
