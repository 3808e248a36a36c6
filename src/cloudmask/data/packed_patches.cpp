#include "cloudmask/data/packed_patches.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "cloudmask/base/checksum.h"
#include "cloudmask/base/error.h"
#include "cloudmask/data/normalise.h"

namespace cloudmask {
namespace {

constexpr float kReflectanceStep = 1.0F / 20000.0F;
constexpr float kTemperatureStep = 0.01F / kTemperatureUnit_k;

constexpr float step(int channel) { return channel < kReflectanceBands ? kReflectanceStep : kTemperatureStep; }

std::int16_t pack(float value, int channel) {
  return static_cast<std::int16_t>(std::clamp(std::round(value / step(channel)), -32767.0F, 32767.0F));
}

struct Header {
  std::array<char, 8> magic{'C', 'M', 'P', 'A', 'T', 'C', 'H', '1'};
  std::int32_t patch_size_px = 0;
  std::int32_t count = 0;
  std::uint64_t checksum = 0;
};

}  // namespace

PatchGrid make_patch_grid(int height_px, int width_px, int patch_size_px) {
  CM_CHECK(patch_size_px > 0);
  PatchGrid grid;
  grid.patch_size_px = patch_size_px;
  grid.rows = height_px / patch_size_px;
  grid.columns = width_px / patch_size_px;
  grid.top_px = (height_px - grid.rows * patch_size_px) / 2;
  grid.left_px = (width_px - grid.columns * patch_size_px) / 2;
  return grid;
}

std::int64_t packed_bytes(std::int64_t patches, int patch_size_px) {
  constexpr std::int64_t kBytesAPixel = kChannels * sizeof(std::int16_t) + 1;
  return kBytesAPixel * patches * patch_size_px * patch_size_px;
}

PackedPatches::PackedPatches(const Scene& scene, int patch_size_px) : patch_size_px_(patch_size_px) {
  CM_CHECK(scene.label.size() == scene.pixels());
  const PatchGrid grid = make_patch_grid(scene.height_px, scene.width_px, patch_size_px);
  count_ = grid.count();
  const auto pixels = static_cast<std::size_t>(count_) * static_cast<std::size_t>(patch_size_px * patch_size_px);
  channels_.resize(pixels * kChannels);
  labels_.resize(pixels);

  std::size_t out = 0;
  std::array<float, kChannels> values{};
  for (int patch = 0; patch < count_; ++patch) {
    const int top = grid.top_px + patch / grid.columns * patch_size_px;
    const int left = grid.left_px + patch % grid.columns * patch_size_px;
    for (int row = top; row < top + patch_size_px; ++row) {
      for (int column = left; column < left + patch_size_px; ++column, ++out) {
        const auto pixel =
            static_cast<std::size_t>(row) * static_cast<std::size_t>(scene.width_px) + static_cast<std::size_t>(column);
        network_input(scene, pixel, values.data());
        for (int channel = 0; channel < kChannels; ++channel) {
          channels_[out * kChannels + static_cast<std::size_t>(channel)] =
              pack(values[static_cast<std::size_t>(channel)], channel);
        }
        labels_[out] = pixel_missing(scene, pixel) ? kUnknown : scene.label[pixel];
      }
    }
  }
}

PackedPatches PackedPatches::unknown(int count, int patch_size_px) {
  PackedPatches patches;
  patches.patch_size_px_ = patch_size_px;
  patches.count_ = count;
  const auto pixels = static_cast<std::size_t>(count) * static_cast<std::size_t>(patch_size_px * patch_size_px);
  patches.channels_.assign(pixels * kChannels, 0);
  patches.labels_.assign(pixels, kUnknown);
  return patches;
}

std::string PackedPatches::to_bytes() const {
  const std::size_t channel_bytes = channels_.size() * sizeof(std::int16_t);
  std::string bytes(sizeof(Header) + channel_bytes + labels_.size(), '\0');
  char* body = bytes.data() + sizeof(Header);
  std::memcpy(body, channels_.data(), channel_bytes);
  std::memcpy(body + channel_bytes, labels_.data(), labels_.size());
  Header header;
  header.patch_size_px = patch_size_px_;
  header.count = count_;
  header.checksum = checksum(std::string_view(bytes).substr(sizeof header));
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes;
}

std::optional<PackedPatches> PackedPatches::from_bytes(std::string_view bytes, int patch_size_px) {
  Header header;
  if (bytes.size() < sizeof header) return std::nullopt;
  std::memcpy(&header, bytes.data(), sizeof header);
  const std::string_view body = bytes.substr(sizeof header);
  if (header.magic != Header{}.magic || header.patch_size_px != patch_size_px || header.count < 0) return std::nullopt;
  const auto pixels = static_cast<std::size_t>(header.count) * static_cast<std::size_t>(patch_size_px * patch_size_px);
  const std::size_t channel_bytes = pixels * kChannels * sizeof(std::int16_t);
  if (body.size() != channel_bytes + pixels || checksum(body) != header.checksum) return std::nullopt;
  PackedPatches patches;
  patches.patch_size_px_ = patch_size_px;
  patches.count_ = header.count;
  patches.channels_.resize(pixels * kChannels);
  patches.labels_.resize(pixels);
  std::memcpy(patches.channels_.data(), body.data(), channel_bytes);
  std::memcpy(patches.labels_.data(), body.data() + channel_bytes, pixels);
  return patches;
}

void PackedPatches::unpack(int patch, Symmetry symmetry, float* input, float* target, float* weight) const {
  CM_CHECK(patch >= 0 && patch < count_ && symmetry < kSymmetries);
  const int size = patch_size_px_;
  const auto first = static_cast<std::size_t>(patch) * static_cast<std::size_t>(size * size);
  for (int row = 0; row < size; ++row) {
    for (int column = 0; column < size; ++column) {
      int from_row = (symmetry & 4U) != 0 ? column : row;
      int from_column = (symmetry & 4U) != 0 ? row : column;
      if ((symmetry & 2U) != 0) from_row = size - 1 - from_row;
      if ((symmetry & 1U) != 0) from_column = size - 1 - from_column;
      const std::size_t from = first + static_cast<std::size_t>(from_row * size + from_column);
      const std::int16_t* packed = &channels_[from * kChannels];
      for (int channel = 0; channel < kChannels; ++channel) {
        *input++ = static_cast<float>(packed[channel]) * step(channel);
      }
      *target++ = labels_[from] == kCloud ? 1.0F : 0.0F;
      *weight++ = labels_[from] == kUnknown ? 0.0F : 1.0F;
    }
  }
}

}  // namespace cloudmask
