#include "cloudmask/network/network_screener.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "cloudmask/base/error.h"
#include "cloudmask/data/network_input.h"
#include "cloudmask/metrics/resources.h"
#include "cloudmask/tensor/cpu_allocator.h"
#include "cloudmask/tensor/torch_state.h"

namespace cloudmask {
namespace {

// Writes the pixels under the window to [height][width][channels], zeros outside the scene.
void write_input(const NetworkInput& network_input, const Window& window, float* values) {
  const Scene& scene = network_input.scene();
  const int channels = network_input.channels();
  at::parallel_for(0, window.height_px, 16, [&](std::int64_t begin, std::int64_t end) {
    for (auto row = static_cast<int>(begin); row < end; ++row) {
      const int scene_row = window.top_px + row;
      float* const line = values + static_cast<std::size_t>(row) * window.width_px * channels;
      for (int column = 0; column < window.width_px; ++column) {
        const int scene_column = window.left_px + column;
        float* const pixel = line + static_cast<std::size_t>(column) * channels;
        if (scene_row < 0 || scene_row >= scene.height_px || scene_column < 0 || scene_column >= scene.width_px) {
          std::fill_n(pixel, channels, 0.0F);
        } else {
          network_input.write(static_cast<std::size_t>(scene_row) * scene.width_px + scene_column, pixel);
        }
      }
    }
  });
}

// Puts the probabilities of the tile's kept part into the mask.
void keep_probability(const Tile& tile, const float* logits, Mask& mask) {
  const Window& input = tile.input;
  const Window& keep = tile.keep;
  at::parallel_for(0, keep.height_px, 16, [&](std::int64_t begin, std::int64_t end) {
    for (auto row = static_cast<int>(begin); row < end; ++row) {
      const int from_row = keep.top_px - input.top_px + row;
      const float* const from =
          logits + static_cast<std::size_t>(from_row) * input.width_px + (keep.left_px - input.left_px);
      float* const to =
          &mask.cloud_probability[static_cast<std::size_t>(keep.top_px + row) * mask.width_px + keep.left_px];
      for (int column = 0; column < keep.width_px; ++column) to[column] = 1 / (1 + std::exp(-from[column]));
    }
  });
}

// What earlier work left in the allocator is there for tiles too.
std::int64_t kept_memory_bytes() {
  const MemoryStatistics memory = cpu_memory_statistics();
  return static_cast<std::int64_t>(memory.held_bytes - memory.in_use_bytes);
}

// The other half is for scenes, workspaces of the convolutions, and whoever else is there.
std::int64_t memory_for_tiles(const torch::Device& device, int sharers) {
  return (device.is_cpu() ? (available_memory_bytes() + kept_memory_bytes()) / sharers : free_memory_bytes(device)) / 2;
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

View view_of(const ModelNotes& notes) {
  const auto view = notes.training.find("view");
  return view_named(view == notes.training.end() ? "" : view->second);
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

NetworkScreener::NetworkScreener(const ModelContent& model, const Config& config, int sharers)
    : config_(config),
      target_(choose_target(config.machine)),
      network_(make_unet(model, operations_for(target_))),
      learnt_view_(view_of(model.notes)) {
  network_->to(target_.device);
  tile_px_ = config.inference.tile_px > 0
                 ? config.inference.tile_px
                 : tile_size_for(memory_for_tiles(target_.device, sharers), network_->options().base_filters,
                                 torch::elementSize(compute_type(target_)));
  origin_.method = "network";
  origin_.threshold = config.inference.threshold.value_or(model.notes.threshold);
}

TilePlan NetworkScreener::plan(const Scene& scene) const {
  const int patch = config_.data.patch_size_px;
  const int crop = config_.inference.crop_size_px;
  if (config_.inference.tile_mode == TileMode::kPatches) {
    return plan_patches(scene.height_px, scene.width_px, patch, crop);
  }
  return plan_scene(scene.height_px, scene.width_px, tile_px_, patch, crop);
}

Mask NetworkScreener::screen(const Scene& scene) {
  learnt_view_.compare(scene, origin_.model);
  torch::InferenceMode inference;
  const KeptThreadNumber kept;
  torch::set_num_threads(target_.threads);  // counts for the calling thread
  Mask mask;
  mask.height_px = scene.height_px;
  mask.width_px = scene.width_px;
  mask.cloud_probability.resize(scene.pixels());

  const NetworkInput network_input(scene, network_->options().normalisation, target_.threads);
  const TilePlan tiles = plan(scene);
  const std::size_t batch_size =
      config_.inference.tile_mode == TileMode::kPatches ? static_cast<std::size_t>(config_.training.batch_size) : 1;
  for (std::size_t begin = 0; begin < tiles.size(); begin += batch_size) {
    const std::size_t end = std::min(begin + batch_size, tiles.size());
    const Window& size = tiles[begin].input;
    const auto count = static_cast<std::int64_t>(end - begin);
    const auto input = torch::empty({count, size.height_px, size.width_px, network_input.channels()},
                                    torch::TensorOptions().pinned_memory(target_.device.is_cuda()));
    const std::int64_t pixels = input.stride(0) / network_input.channels();
    for (std::int64_t i = 0; i < count; ++i) {
      write_input(network_input, tiles[begin + static_cast<std::size_t>(i)].input,
                  input.mutable_data_ptr<float>() + i * input.stride(0));
    }
    const auto batch = input.permute({0, 3, 1, 2}).to(target_.device, /*non_blocking=*/true);
    const auto logits = network_->forward(batch, compute_type(target_)).to(torch::kCPU, torch::kFloat32).contiguous();
    for (std::int64_t i = 0; i < count; ++i) {
      keep_probability(tiles[begin + static_cast<std::size_t>(i)], logits.const_data_ptr<float>() + i * pixels, mask);
    }
  }
  mark_missing(scene, origin_.model, mask);
  return mask;
}

}  // namespace cloudmask
