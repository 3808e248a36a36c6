#include "cloudmask/kernels/weight_gradient.h"

#include <algorithm>

#include "cloudmask/kernels/winograd_weights.h"

namespace cloudmask {
namespace {

using Index = std::ptrdiff_t;

// More than in a convolution: all sums pass through memory once a block.
constexpr int kTilesOfBlock = 64;

// Sums of one worker, [positions][in_channels][out_channels padded], and those of the bias.
class WorkerSums {
 public:
  WorkerSums(const KernelSet& kernels, const Maps& input, TileKind kind, const Maps& gradient, int tiles,
             std::pmr::memory_resource* memory)
      : kernels_(kernels),
        kind_(kind),
        channels_(input.channels),
        columns_(padded_channels(gradient.channels)),
        input_(kernels, input, kind, memory),
        gradient_(kernels, gradient, TileKind::kGradient, memory),
        input_tiles_(tiles, input.channels, memory),
        gradient_tiles_(tiles, gradient.channels, memory),
        sums_(static_cast<std::size_t>(kTilePositions) * static_cast<std::size_t>(input.channels) *
                  static_cast<std::size_t>(columns_),
              memory),
        bias_(static_cast<std::size_t>(columns_), 0.0F) {}

  void clear() { std::fill_n(sums_.data(), sums_.size(), 0.0F); }

  void add(const TileBlock& block) {
    input_.fill(block, input_tiles_);
    gradient_.fill(block, gradient_tiles_);
    for (int position = 0; position < kTilePositions; ++position) {
      if (has_position(kind_, position)) add_position(position, block.tiles());
    }
    constexpr int kSumOfTile = 7;  // KernelSet::gradient_tiles
    for (int tile = 0; tile < block.tiles(); ++tile) {
      const float* const gradient = gradient_tiles_.at(kSumOfTile) + tile * gradient_tiles_.tile_stride();
      for (int c = 0; c < columns_; ++c) bias_[static_cast<std::size_t>(c)] += gradient[c];
    }
  }

  void add(const WorkerSums& other, int channel) {
    for (int position = 0; position < kTilePositions; ++position) {
      const float* const from = other.at(position, channel);
      float* const to = at(position, channel);
      for (int c = 0; c < columns_; ++c) to[c] += from[c];
    }
  }

  float* at(int position, int channel) {
    return sums_.data() + (static_cast<Index>(position) * channels_ + channel) * columns_;
  }
  const float* at(int position, int channel) const { return const_cast<WorkerSums*>(this)->at(position, channel); }
  const std::vector<float>& bias() const { return bias_; }

 private:
  void add_position(int position, int tiles) {
    Sums sums;
    sums.row_stride = columns_;
    sums.rows = channels_;
    sums.add = true;
    for (int first = 0; first < columns_; first += kernels_.tile_columns) {
      sums.data = at(position, 0) + first;
      sums.columns = std::min(kernels_.tile_columns, columns_ - first);
      multiply_all_rows(kernels_,
                        {input_tiles_.at(position), 1, input_tiles_.tile_stride(), gradient_tiles_.at(position) + first,
                         gradient_tiles_.tile_stride(), tiles},
                        sums);
    }
  }

  const KernelSet& kernels_;
  TileKind kind_;
  int channels_;
  int columns_;
  TileSource input_;
  TileSource gradient_;
  TileBuffer input_tiles_;
  TileBuffer gradient_tiles_;
  FloatBuffer sums_;
  std::vector<float> bias_;
};

}  // namespace

WeightGradients weight_gradients(const KernelSet& kernels, const Maps& input, TileKind kind,
                                 const Maps& output_gradient, const Workers& workers) {
  const TileBlocks blocks(output_gradient.batch, output_gradient.height, output_gradient.width, kTilesOfBlock);
  const auto count = static_cast<int>(std::clamp<std::int64_t>(blocks.count(), 1, workers.count));
  std::vector<WorkerSums> parts;
  parts.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    parts.emplace_back(kernels, input, kind, output_gradient, blocks.largest(), workers.memory);
  }
  workers.run([&](int worker) {
    if (worker >= count) return;
    WorkerSums& part = parts[static_cast<std::size_t>(worker)];
    part.clear();
    for (std::int64_t i = blocks.count() * worker / count; i < blocks.count() * (worker + 1) / count; ++i) {
      part.add(blocks.at(i));
    }
  });

  const int out_channels = output_gradient.channels;
  WeightGradients result;
  const Index tap_weights = static_cast<Index>(input.channels) * out_channels;
  result.weights.resize(static_cast<std::size_t>(9 * tap_weights));
  result.bias.assign(static_cast<std::size_t>(out_channels), 0.0F);
  for (const WorkerSums& part : parts) {
    for (std::size_t c = 0; c < result.bias.size(); ++c) result.bias[c] += part.bias()[c];
  }
  workers.run([&](int worker) {
    for (int in = input.channels * worker / workers.count; in < input.channels * (worker + 1) / workers.count; ++in) {
      for (std::size_t other = 1; other < parts.size(); ++other) parts[0].add(parts[other], in);
      const float* positions[kTilePositions];
      for (int position = 0; position < kTilePositions; ++position) positions[position] = parts[0].at(position, in);
      float* weights[9];
      for (int tap = 0; tap < 9; ++tap) {
        weights[tap] = result.weights.data() + tap * tap_weights + static_cast<Index>(in) * out_channels;
      }
      weights_of_positions(positions, out_channels, weights);
    }
  });
  return result;
}

}  // namespace cloudmask
