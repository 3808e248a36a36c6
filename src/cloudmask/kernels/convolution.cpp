#include "cloudmask/kernels/convolution.h"

#include <algorithm>
#include <atomic>

namespace cloudmask {
namespace {

using Index = std::ptrdiff_t;

constexpr int kTilesOfBlock = 32;  // measured, see docs/performance.md

// Sums over channels are made in runs: Winograd's transforms amplify their rounding, which this divides by three for
// 768 channels.
constexpr int kRunOfChannels = 64;

struct Size {
  int height;
  int width;
};

// Of the output before pairs are summed.
Size output_size(const Maps& input, TileKind kind) {
  const int scale = kind == TileKind::kUpsampled ? 2 : 1;
  return {scale * input.height, scale * input.width};
}

// One worker's part of a convolution.
class BlocksOfConvolution {
 public:
  BlocksOfConvolution(const KernelSet& kernels, const std::vector<Maps>& inputs, const WinogradWeights& weights,
                      const ConvolutionOutput& output, Size size, int tiles, std::pmr::memory_resource* memory)
      : kernels_(kernels),
        weights_(weights),
        output_(output),
        size_(size),
        sums_(tiles, weights.out_channels(), memory) {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      sources_.emplace_back(kernels, inputs[i], weights.inputs()[i].kind, memory);
      tiles_.emplace_back(tiles, inputs[i].channels, memory);
    }
    if (output.bias == nullptr) return;
    bias_.assign(static_cast<std::size_t>(padded_channels(weights.out_channels())), 0.0F);
    std::copy_n(output.bias, weights.out_channels(), bias_.begin());
  }

  void run(const TileBlock& block) {
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      sources_[i].fill(block, tiles_[i]);
    }
    for (int position = 0; position < kTilePositions; ++position) sum_position(position, block.tiles());
    for (int row = 0; row < block.rows; ++row) write_row(block, row);
  }

 private:
  void sum_position(int position, int tiles) {
    Sums sums;
    sums.row_stride = sums_.tile_stride();
    sums.rows = tiles;
    for (int block = 0; block < weights_.blocks(); ++block) {
      const int first = block * kernels_.tile_columns;
      sums.data = sums_.at(position) + first;
      sums.columns = std::min(kernels_.tile_columns, padded_channels(weights_.out_channels()) - first);
      sums.add = false;
      for (std::size_t i = 0; i < sources_.size(); ++i) {
        const InputWeights& input = weights_.inputs()[i];
        if (!has_position(input.kind, position)) continue;
        const float* const panel = weights_.panel(i, position, block);
        for (int channel = 0; channel < input.in_channels; channel += kRunOfChannels) {
          multiply_all_rows(kernels_,
                            {tiles_[i].at(position) + channel, tiles_[i].tile_stride(), 1,
                             panel + Index{channel} * kernels_.tile_columns, kernels_.tile_columns,
                             std::min(kRunOfChannels, input.in_channels - channel)},
                            sums);
          sums.add = true;
        }
      }
    }
  }

  void write_row(const TileBlock& block, int row_of_block) {
    const int side = output_.paired ? kTileOutputs / 2 : kTileOutputs;
    const int height = output_.paired ? size_.height / 2 : size_.height;
    OutputRow row;
    row.width = output_.paired ? size_.width / 2 : size_.width;
    row.channels = weights_.out_channels();
    row.first_tile = block.first_column;
    row.tiles = block.columns;
    row.from = sums_.values();
    row.from.values += static_cast<Index>(row_of_block) * block.columns * row.from.tile_stride;
    row.bias = output_.bias == nullptr ? nullptr : bias_.data();
    row.relu = output_.relu;
    const Index row_bytes = static_cast<Index>(row.width) * row.channels * kernels_.element_bytes();
    const int first = side * (block.first_row + row_of_block);
    for (int y = 0; y < side && first + y < height; ++y) {
      row.pixels[y] =
          static_cast<char*>(output_.maps) + (static_cast<Index>(block.image) * height + first + y) * row_bytes;
    }
    (output_.paired ? kernels_.paired_output_rows : kernels_.output_rows)(row);
  }

  const KernelSet& kernels_;
  const WinogradWeights& weights_;
  const ConvolutionOutput& output_;
  Size size_;
  std::vector<TileSource> sources_;
  std::vector<TileBuffer> tiles_;
  TileBuffer sums_;
  std::vector<float> bias_;
};

}  // namespace

void convolve(const KernelSet& kernels, const std::vector<Maps>& inputs, const WinogradWeights& weights,
              const ConvolutionOutput& output, const Workers& workers) {
  const Size size = output_size(inputs.front(), weights.inputs().front().kind);
  const TileBlocks blocks(inputs.front().batch, size.height, size.width, kTilesOfBlock);
  std::atomic<std::int64_t> next{0};
  workers.run([&](int) {
    std::int64_t index = next++;
    if (index >= blocks.count()) return;
    BlocksOfConvolution worker(kernels, inputs, weights, output, size, blocks.largest(), workers.memory);
    for (; index < blocks.count(); index = next++) worker.run(blocks.at(index));
  });
}

double flop_of(const Maps& input, TileKind kind, int out_channels) {
  const Size size = output_size(input, kind);
  double positions = 0;
  for (int position = 0; position < kTilePositions; ++position) positions += has_position(kind, position) ? 1 : 0;
  return 2 * positions * static_cast<double>(TileBlocks(input.batch, size.height, size.width, kTilesOfBlock).tiles()) *
         input.channels * out_channels;
}

}  // namespace cloudmask
