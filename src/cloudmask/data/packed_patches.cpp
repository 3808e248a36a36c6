#include "cloudmask/data/packed_patches.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <vector>

#include "cloudmask/base/checksum.h"
#include "cloudmask/base/error.h"

namespace cloudmask {
namespace {

constexpr float kReflectanceStep = 1.0F / 20000.0F;
constexpr float kTemperatureStep = 0.01F / kTemperatureUnit_k;

// The step of every number of a row of pixels, so that loops over rows have no channels in them.
std::vector<float> steps_of_row(int pixels, int channels) {
  std::vector<float> steps;
  steps.reserve(static_cast<std::size_t>(pixels) * static_cast<std::size_t>(channels));
  for (int pixel = 0; pixel < pixels; ++pixel) {
    for (int channel = 0; channel < channels; ++channel) steps.push_back(packed_step(channel));
  }
  return steps;
}

// std::round for what an int16 holds, in steps that the compiler can do several at a time: the summand is the largest
// number below a half.
inline float round_half_away(float value) {
  constexpr float kAlmostHalf = 0.49999997F;
  const float moved = value + std::copysign(kAlmostHalf, value);
  return static_cast<float>(static_cast<std::int32_t>(moved));
}

void pack_row(const std::vector<float>& values, const std::vector<float>& steps, std::int16_t* packed) {
  constexpr float kLimit = 32767;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float in_steps = values[i] / steps[i];
    packed[i] = static_cast<std::int16_t>(round_half_away(std::min(std::max(in_steps, -kLimit), kLimit)));
  }
}

struct Header {
  std::array<char, 8> magic{'C', 'M', 'P', 'A', 'T', 'C', 'H', '4'};
  std::uint64_t checksum = 0;  // of all that follows
  PatchKey key;
  std::int64_t count = 0;
};
constexpr std::size_t kUnchecked_bytes = offsetof(Header, key);
static_assert(sizeof(Header) == 72, "no padding, whose bytes would be anything");

// One row of a patch that is turned: pixels that are `stride` apart from each other.
template <int kChannelsAPixel>
void gather_channels(const std::int16_t* channels, std::ptrdiff_t stride, int count, std::int16_t* row) {
  for (int i = 0; i < count; ++i, channels += stride * kChannelsAPixel, row += kChannelsAPixel) {
    std::memcpy(row, channels, kChannelsAPixel * sizeof(std::int16_t));
  }
}

void gather_targets(const Target* targets, std::ptrdiff_t stride, int count, Target* row) {
  for (int i = 0; i < count; ++i, targets += stride) row[i] = *targets;
}

void unpack_row(const std::int16_t* packed, const std::vector<float>& steps, float* __restrict input) {
  for (std::size_t i = 0; i < steps.size(); ++i) input[i] = static_cast<float>(packed[i]) * steps[i];
}

void unpack_targets(const Target* packed, int count, float* __restrict target, float* __restrict weight) {
  for (int i = 0; i < count; ++i) {
    const float known = packed[i] == kUnknown ? 0.0F : 1.0F;
    target[i] = known * static_cast<float>(packed[i]) / kSurelyCloud;
    weight[i] = known;
  }
}

}  // namespace

float packed_step(int channel) { return channel < kReflectanceBands ? kReflectanceStep : kTemperatureStep; }

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

std::int64_t packed_bytes(std::int64_t patches, int patch_size_px, int channels) {
  const std::int64_t bytes_a_pixel = channels * static_cast<std::int64_t>(sizeof(std::int16_t)) + 1;
  return bytes_a_pixel * patches * patch_size_px * patch_size_px;
}

PackedPatches::PackedPatches(const NetworkInput& network_input, const std::vector<Target>& targets, int patch_size_px)
    : patch_size_px_(patch_size_px), channels_a_pixel_(network_input.channels()) {
  const Scene& scene = network_input.scene();
  CM_CHECK(targets.size() == scene.pixels());
  const PatchGrid grid = make_patch_grid(scene.height_px, scene.width_px, patch_size_px);
  count_ = grid.count();
  const auto channels = static_cast<std::size_t>(channels_a_pixel_);
  channels_.resize(pixels() * channels);
  targets_.resize(pixels());

  const auto size = static_cast<std::size_t>(patch_size_px);
  const std::vector<float> steps = steps_of_row(patch_size_px, channels_a_pixel_);
  std::vector<float> values(steps.size());
  for (std::size_t row = 0; row < static_cast<std::size_t>(count_) * size; ++row) {
    const int patch = static_cast<int>(row / size);
    const int y = grid.top_px + patch / grid.columns * patch_size_px + static_cast<int>(row % size);
    const int x = grid.left_px + patch % grid.columns * patch_size_px;
    const auto first =
        static_cast<std::size_t>(y) * static_cast<std::size_t>(scene.width_px) + static_cast<std::size_t>(x);
    for (std::size_t i = 0; i < size; ++i) {
      network_input.write(first + i, &values[i * channels]);
      targets_[row * size + i] = pixel_missing(scene, first + i) ? kUnknown : targets[first + i];
    }
    pack_row(values, steps, &channels_[row * values.size()]);
  }
}

PackedPatches PackedPatches::unknown(int count, int patch_size_px, int channels) {
  PackedPatches patches;
  patches.patch_size_px_ = patch_size_px;
  patches.count_ = count;
  patches.channels_a_pixel_ = channels;
  patches.channels_.assign(patches.pixels() * static_cast<std::size_t>(channels), 0);
  patches.targets_.assign(patches.pixels(), kUnknown);
  return patches;
}

std::string PackedPatches::to_bytes(const PatchKey& key) const {
  CM_CHECK(key.patch_size_px == patch_size_px_ && key.channels == channels_a_pixel_);
  const std::size_t channel_bytes = channels_.size() * sizeof(std::int16_t);
  std::string bytes(sizeof(Header) + channel_bytes + targets_.size(), '\0');
  char* body = bytes.data() + sizeof(Header);
  std::memcpy(body, channels_.data(), channel_bytes);
  std::memcpy(body + channel_bytes, targets_.data(), targets_.size());
  Header header;
  header.key = key;
  header.count = count_;
  std::memcpy(bytes.data(), &header, sizeof header);
  header.checksum = checksum(std::string_view(bytes).substr(kUnchecked_bytes));
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes;
}

std::optional<PackedPatches> PackedPatches::from_bytes(std::string_view bytes, const PatchKey& key) {
  Header header;
  if (bytes.size() < sizeof header) return std::nullopt;
  std::memcpy(&header, bytes.data(), sizeof header);
  const std::string_view body = bytes.substr(sizeof header);
  if (header.magic != Header{}.magic || header.key != key || header.count < 0) return std::nullopt;
  const auto patch_bytes = static_cast<std::uint64_t>(packed_bytes(1, key.patch_size_px, key.channels));
  if (body.size() % patch_bytes != 0 || body.size() / patch_bytes != static_cast<std::uint64_t>(header.count) ||
      checksum(bytes.substr(kUnchecked_bytes)) != header.checksum) {
    return std::nullopt;
  }
  PackedPatches patches;
  patches.patch_size_px_ = key.patch_size_px;
  patches.channels_a_pixel_ = key.channels;
  patches.count_ = static_cast<int>(header.count);
  const std::size_t pixels = patches.pixels();
  patches.channels_.resize(pixels * static_cast<std::size_t>(key.channels));
  patches.targets_.resize(pixels);
  const std::size_t channel_bytes = patches.channels_.size() * sizeof(std::int16_t);
  std::memcpy(patches.channels_.data(), body.data(), channel_bytes);
  std::memcpy(patches.targets_.data(), body.data() + channel_bytes, pixels);
  return patches;
}

void PackedPatches::unpack(int number, Symmetry symmetry, const UnpackedPatch& patch) const {
  CM_CHECK(number >= 0 && number < count_ && symmetry < kSymmetries);
  CM_CHECK(patch.size_px == patch_size_px_ && patch.channels == channels_a_pixel_);
  const std::ptrdiff_t size = patch_size_px_;
  // Where the first pixel of the turned patch is in the patch as it lies, and how far from there the next in its row
  // and in its column.
  const std::ptrdiff_t down = (symmetry & 2U) != 0 ? -size : size;
  const std::ptrdiff_t right = (symmetry & 1U) != 0 ? -1 : 1;
  const std::ptrdiff_t first = number * size * size + (down < 0 ? (size - 1) * size : 0) + (right < 0 ? size - 1 : 0);
  const bool transposed = (symmetry & 4U) != 0;
  const std::ptrdiff_t along_row = transposed ? down : right;
  const std::ptrdiff_t along_column = transposed ? right : down;

  const std::vector<float> steps = steps_of_row(patch_size_px_, channels_a_pixel_);
  const auto gather = channels_a_pixel_ == kChannels ? gather_channels<kChannels> : gather_channels<kChannels + 1>;
  std::vector<std::int16_t> turned(steps.size());
  std::vector<Target> turned_targets(static_cast<std::size_t>(size));
  for (std::ptrdiff_t row = 0; row < size; ++row) {
    const std::int16_t* channels = channels_.data() + (first + row * along_column) * channels_a_pixel_;
    const Target* targets = targets_.data() + first + row * along_column;
    if (along_row != 1) {
      gather(channels, along_row, patch_size_px_, turned.data());
      gather_targets(targets, along_row, patch_size_px_, turned_targets.data());
      channels = turned.data();
      targets = turned_targets.data();
    }
    unpack_row(channels, steps, patch.input + row * size * channels_a_pixel_);
    unpack_targets(targets, patch_size_px_, patch.target + row * size, patch.weight + row * size);
  }
}

}  // namespace cloudmask
