#include "cloudmask/kernels/convolution.h"

#include <algorithm>
#include <atomic>
#include <bit>

#include "cloudmask/kernels/row_ring.h"

namespace cloudmask {
namespace {

using Index = std::ptrdiff_t;

std::size_t as_size(Index value) { return static_cast<std::size_t>(value); }

Word bf16_bits(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return (bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16;
}

// [in][out] to [word][tile_columns] of one block of outputs.
void pack_tap(const KernelSet& kernels, const float* weights, int in_channels, int out_channels, int first, Word* to) {
  const int columns = std::min(kernels.tile_columns, out_channels - first);
  for (int channel = 0; channel < in_channels; channel += kernels.pair, to += kernels.tile_columns) {
    const float* row = weights + static_cast<Index>(channel) * out_channels + first;
    if (kernels.pair == 1) {
      for (int c = 0; c < columns; ++c) to[c] = std::bit_cast<Word>(row[c]);
    } else {
      const bool has_second = channel + 1 < in_channels;
      for (int c = 0; c < columns; ++c) {
        to[c] = bf16_bits(row[c]) | (has_second ? bf16_bits(row[c + out_channels]) << 16 : 0U);
      }
    }
  }
}

int divide_up(int value, int divisor) { return (value + divisor - 1) / divisor; }

// One worker's part of a convolution.
class RowsOfConvolution {
 public:
  RowsOfConvolution(const KernelSet& kernels, const ConvolutionPlan& plan, const PackedWeights& weights,
                    const ConvolutionCall& call, int rows, int columns)
      : kernels_(kernels), plan_(plan), weights_(weights), call_(call), rows_(rows), columns_(columns) {
    blocks_ = divide_up(plan.out_channels, kernels.tile_columns);
    bias_.assign(static_cast<std::size_t>(blocks_) * static_cast<std::size_t>(kernels.tile_columns), 0.0F);
    if (call.bias != nullptr) std::copy_n(call.bias, plan.out_channels, bias_.begin());
    for (std::size_t input = 0; input < plan.inputs.size(); ++input) {
      int first = 0;
      int last = 0;
      for (const Phase& phase : plan.phases) {
        for (const Tap& tap : phase.taps) {
          if (tap.input != static_cast<int>(input)) continue;
          first = std::min(first, tap.row);
          last = std::max(last, tap.row);
        }
      }
      const int step = plan.inputs[input].step;
      rings_.emplace_back(kernels, call.inputs[input], RingRows{step, first, last, band_rows(columns)});
    }
  }

  // Enough pixels for a block of weights to pay for its way from the outer caches.
  static int band_rows(int columns) { return std::max(1, 256 / columns); }

  void run(int image, int begin, int end) {
    for (int row = begin; row < end; row += band_rows(columns_)) {
      band(image, row, std::min(row + band_rows(columns_), end));
    }
  }

 private:
  void band(int image, int begin, int end) {
    for (PlaneRing& ring : rings_) ring.fill(image, begin, end);
    for (std::size_t phase = 0; phase < plan_.phases.size(); ++phase) {
      for (int block = 0; block < blocks_; ++block) {
        for (int row = begin; row < end; ++row) make_row(image, row, phase, block);
      }
    }
  }

  void make_row(int image, int row, std::size_t phase, int block) {
    const Phase& p = plan_.phases[phase];
    panels_.clear();
    for (std::size_t t = 0; t < p.taps.size(); ++t) {
      const Tap& tap = p.taps[t];
      const PlaneRing& ring = rings_[static_cast<std::size_t>(tap.input)];
      const int input_row = plan_.inputs[static_cast<std::size_t>(tap.input)].step * row + tap.row;
      panels_.push_back({ring.at(input_row, tap.column), ring.plane_words(), weights_.panel(phase, block, t),
                         kernels_.tile_columns, ring.words()});
    }
    const int first = block * kernels_.tile_columns;
    const Index row_pixels = static_cast<Index>(plan_.out_step) * columns_;
    const Index output_row = static_cast<Index>(plan_.out_step) * (static_cast<Index>(image) * rows_ + row) + p.row;
    const Index pixel = output_row * row_pixels + p.column;
    auto* const output = static_cast<char*>(call_.output);
    TileOutput tile;
    tile.row_stride = static_cast<Index>(plan_.out_step) * plan_.out_channels;
    tile.columns = std::min(kernels_.tile_columns, plan_.out_channels - first);
    tile.bias = &bias_[static_cast<std::size_t>(first)];
    tile.relu = call_.relu;
    const int tiles = divide_up(columns_, kernels_.tile_rows);
    for (int i = 0; i < tiles; ++i) {  // of nearly equal size
      const int begin = columns_ * i / tiles;
      const int end = columns_ * (i + 1) / tiles;
      tile.data = output + ((pixel + static_cast<Index>(plan_.out_step) * begin) * plan_.out_channels + first) *
                               kernels_.element_bytes();
      kernels_.multiply(panels_.data(), static_cast<int>(panels_.size()), begin, end - begin, tile);
    }
  }

  const KernelSet& kernels_;
  const ConvolutionPlan& plan_;
  const PackedWeights& weights_;
  const ConvolutionCall& call_;
  int rows_;
  int columns_;
  int blocks_ = 0;
  std::vector<float> bias_;
  std::vector<PlaneRing> rings_;
  std::vector<Panel> panels_;
};

}  // namespace

ConvolutionPlan plan_convolution(int in_channels, int out_channels) {
  ConvolutionPlan plan;
  plan.inputs = {{in_channels, 1}};
  plan.out_channels = out_channels;
  plan.phases.resize(1);
  for (int y = 0; y < 3; ++y) {
    for (int x = 0; x < 3; ++x) plan.phases[0].taps.push_back({0, y - 1, x});
  }
  return plan;
}

ConvolutionPlan plan_upsampled_convolution(int low_channels, int out_channels) {
  ConvolutionPlan plan;
  plan.inputs = {{low_channels, 1}};
  plan.out_channels = out_channels;
  plan.out_step = 2;
  for (int p = 0; p < 2; ++p) {
    for (int q = 0; q < 2; ++q) {
      Phase& phase = plan.phases.emplace_back(Phase{p, q, {}});
      for (int a = 0; a < 2; ++a) {
        for (int b = 0; b < 2; ++b) phase.taps.push_back({0, p - 1 + a, q + b});
      }
    }
  }
  return plan;
}

ConvolutionPlan plan_joined_convolution(int low_channels, int skip_channels, int out_channels) {
  ConvolutionPlan plan = plan_upsampled_convolution(low_channels, out_channels);
  plan.inputs.push_back({skip_channels, 2});
  for (Phase& phase : plan.phases) {
    for (int y = 0; y < 3; ++y) {
      for (int x = 0; x < 3; ++x) phase.taps.push_back({1, phase.row + y - 1, phase.column + x});
    }
  }
  return plan;
}

ConvolutionPlan plan_low_gradient(int channels, int low_channels) {
  ConvolutionPlan plan;
  plan.inputs = {{channels, 2}};
  plan.out_channels = low_channels;
  plan.phases.resize(1);
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 4; ++x) plan.phases[0].taps.push_back({0, y - 1, x});
  }
  return plan;
}

double flop_of(const ConvolutionPlan& plan, const Maps& first) {
  const int step = plan.inputs.front().step;
  const Index pixels = static_cast<Index>(first.batch) * (first.height / step) * (first.width / step);
  double flop = 0;
  for (const Phase& phase : plan.phases) {
    for (const Tap& tap : phase.taps) {
      flop += 2.0 * static_cast<double>(pixels) * plan.inputs[static_cast<std::size_t>(tap.input)].channels *
              plan.out_channels;
    }
  }
  return flop;
}

PackedWeights::PackedWeights(const KernelSet& kernels, const ConvolutionPlan& plan,
                             const std::vector<std::vector<const float*>>& weights, const Workers& workers) {
  const int blocks = divide_up(plan.out_channels, kernels.tile_columns);
  std::size_t total = 0;
  for (const Phase& phase : plan.phases) {
    std::size_t words = 0;
    auto& begins = tap_begin_.emplace_back();
    for (const Tap& tap : phase.taps) {
      begins.push_back(words);
      words += as_size(kernels.words(plan.inputs[static_cast<std::size_t>(tap.input)].channels) * kernels.tile_columns);
    }
    block_begin_.push_back(total);
    block_words_.push_back(words);
    total += words * static_cast<std::size_t>(blocks);
  }
  words_.assign(total, 0);
  std::atomic<int> next{0};
  const int phases = static_cast<int>(plan.phases.size());
  workers.run([&](int) {
    for (int job = next++; job < phases * blocks; job = next++) {
      const auto phase = static_cast<std::size_t>(job / blocks);
      const int block = job % blocks;
      for (std::size_t tap = 0; tap < plan.phases[phase].taps.size(); ++tap) {
        const int input = plan.phases[phase].taps[tap].input;
        pack_tap(kernels, weights[phase][tap], plan.inputs[static_cast<std::size_t>(input)].channels, plan.out_channels,
                 block * kernels.tile_columns, const_cast<Word*>(panel(phase, block, tap)));
      }
    }
  });
}

void convolve(const KernelSet& kernels, const ConvolutionPlan& plan, const PackedWeights& weights,
              const ConvolutionCall& call, const Workers& workers) {
  const Maps& first = call.inputs.front();
  const int rows = first.height / plan.inputs.front().step;
  const int columns = first.width / plan.inputs.front().step;
  if (first.batch == 0 || rows == 0 || columns == 0) return;
  // Small enough to share out evenly, large enough that laying out the rows around each part costs little.
  const int part_rows = std::max(32, RowsOfConvolution::band_rows(columns));
  const int parts = divide_up(rows, part_rows);
  std::atomic<std::int64_t> next{0};
  workers.run([&](int) {
    RowsOfConvolution worker(kernels, plan, weights, call, rows, columns);
    for (std::int64_t job = next++; job < static_cast<std::int64_t>(first.batch) * parts; job = next++) {
      const int begin = static_cast<int>(job % parts) * part_rows;
      worker.run(static_cast<int>(job / parts), begin, std::min(begin + part_rows, rows));
    }
  });
}

}  // namespace cloudmask
