#include "cloudmask/inference/network_screener.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "cloudmask/base/checksum.h"
#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/data/normalise.h"
#include "cloudmask/metrics/resources.h"
#include "cloudmask/tensor/cpu_allocator.h"

namespace cloudmask {
namespace {

using torch::Tensor;
using torch::indexing::Slice;

// [H,W,9]
Tensor scene_tensor(const Scene& scene) {
  const auto input = torch::empty({scene.height_px, scene.width_px, kChannels});
  float* const values = input.data_ptr<float>();
  const auto row_pixels = static_cast<std::size_t>(scene.width_px);
  at::parallel_for(0, scene.height_px, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::size_t i = static_cast<std::size_t>(begin) * row_pixels; i < static_cast<std::size_t>(end) * row_pixels;
         ++i) {
      network_input(scene, i, values + i * kChannels);
    }
  });
  return input;
}

// What earlier work left in the allocator is there for tiles too.
std::int64_t kept_memory_bytes() {
  const MemoryStatistics memory = cpu_memory_statistics();
  return static_cast<std::int64_t>(memory.held_bytes - memory.in_use_bytes);
}

std::string fingerprint(const std::filesystem::path& file) {
  const std::string bytes = read_file(file);
  return fmt::format("{} (checksum {:016x})", file.filename().string(), checksum(bytes));
}

// The other half is for scenes, workspaces of the convolutions, and whoever else is there.
std::int64_t memory_for_tiles(const torch::Device& device) {
  return (device.is_cpu() ? available_memory_bytes() + kept_memory_bytes() : free_memory_bytes(device)) / 2;
}

// NaN means "no data" in a mask: what the network fails to compute must not look like it.
void mark_missing(const Scene& scene, const std::string& model, Mask& mask) {
  std::size_t not_finite = 0;
  for (std::size_t pixel = 0; pixel < scene.pixels(); ++pixel) {
    if (pixel_missing(scene, pixel)) {
      mask.cloud_probability[pixel] = std::numeric_limits<float>::quiet_NaN();
    } else if (!std::isfinite(mask.cloud_probability[pixel])) {
      ++not_finite;
    }
  }
  if (not_finite == 0) return;
  throw Error(
      fmt::format("{}: model {} computes no finite probability for {} pixels with data; it is damaged or its training "
                  "diverged: try precision: fp32, else train it anew",
                  scene.name, model.empty() ? "in memory" : model, not_finite));
}

}  // namespace

int tile_size_for(std::int64_t memory_bytes, int base_filters, std::size_t bytes_per_value) {
  // The fullest moment is the first convolution of the last level: with LibTorch's operations its input (2 f
  // up-sampled, f skipped) lies there once as parts and once concatenated, beside its output; f maps of the next layer
  // and the allocator's slack come on top.
  const double bytes_per_pixel = 8.0 * base_filters * static_cast<double>(bytes_per_value);
  constexpr double kSmallest = 64;
  constexpr double kLargest = 4096;
  const double side = std::sqrt(static_cast<double>(memory_bytes) / bytes_per_pixel) - 2 * kReceptiveRadius;
  return static_cast<int>(std::clamp(side, kSmallest, kLargest)) / kPoolingGrid * kPoolingGrid;
}

NetworkScreener::NetworkScreener(const ModelContent& model, const Config& config)
    : config_(config), target_(choose_target(config.machine)), network_(make_unet(model, operations_for(target_))) {
  network_->to(target_.device);
  tile_px_ = config.inference.tile_px > 0
                 ? config.inference.tile_px
                 : tile_size_for(memory_for_tiles(target_.device), network_->options().base_filters,
                                 torch::elementSize(compute_type(target_)));
  origin_.method = "network";
  origin_.threshold = config.inference.threshold.value_or(model.notes.threshold);
}

NetworkScreener::NetworkScreener(const std::filesystem::path& model_file, const Config& config)
    : NetworkScreener(read_model(model_file), config) {
  origin_.model = fingerprint(model_file);
}

TilePlan NetworkScreener::plan(const Scene& scene) const {
  const int patch = config_.data.patch_size_px;
  const int crop = config_.inference.crop_size_px;
  if (config_.inference.tile_mode == TileMode::kPatches) {
    return plan_patches(scene.height_px, scene.width_px, patch, crop);
  }
  return plan_scene(scene.height_px, scene.width_px, tile_px_, patch, crop);
}

// The part of [H,W,9] under the window, zeros outside the scene.
Tensor NetworkScreener::tile_input(const Tensor& scene_input, const Window& window) const {
  const auto height = static_cast<int>(scene_input.size(0));
  const auto width = static_cast<int>(scene_input.size(1));
  const int top = std::max(window.top_px, 0);
  const int left = std::max(window.left_px, 0);
  const int bottom = std::min(window.top_px + window.height_px, height);
  const int right = std::min(window.left_px + window.width_px, width);
  auto input = torch::zeros({window.height_px, window.width_px, kChannels});
  input.index(
      {Slice(top - window.top_px, bottom - window.top_px), Slice(left - window.left_px, right - window.left_px)}) =
      scene_input.index({Slice(top, bottom), Slice(left, right)});
  return input;
}

Mask NetworkScreener::screen(const Scene& scene) {
  torch::InferenceMode inference;
  Mask mask;
  mask.height_px = scene.height_px;
  mask.width_px = scene.width_px;
  mask.cloud_probability.resize(scene.pixels());
  auto probability = torch::from_blob(mask.cloud_probability.data(), {scene.height_px, scene.width_px});

  const Tensor scene_input = scene_tensor(scene);
  const TilePlan tiles = plan(scene);
  const std::size_t batch_size =
      config_.inference.tile_mode == TileMode::kPatches ? static_cast<std::size_t>(config_.training.batch_size) : 1;
  for (std::size_t begin = 0; begin < tiles.tiles.size(); begin += batch_size) {
    const std::size_t end = std::min(begin + batch_size, tiles.tiles.size());
    std::vector<Tensor> inputs;
    for (std::size_t i = begin; i < end; ++i) inputs.push_back(tile_input(scene_input, tiles.tiles[i].input));
    const auto batch = torch::stack(inputs).permute({0, 3, 1, 2}).to(target_.device);
    const auto output = torch::sigmoid(network_->forward(batch, compute_type(target_))).cpu();
    for (std::size_t i = begin; i < end; ++i) {
      const auto& [input, keep] = tiles.tiles[i];
      const int top = keep.top_px - input.top_px;
      const int left = keep.left_px - input.left_px;
      probability.index(
          {Slice(keep.top_px, keep.top_px + keep.height_px), Slice(keep.left_px, keep.left_px + keep.width_px)}) =
          output.index({static_cast<std::int64_t>(i - begin), 0, Slice(top, top + keep.height_px),
                        Slice(left, left + keep.width_px)});
    }
  }
  mark_missing(scene, origin_.model, mask);
  return mask;
}

}  // namespace cloudmask
