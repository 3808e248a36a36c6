#include "cloudmask/kernels/winograd_weights.h"

#include <algorithm>
#include <atomic>

namespace cloudmask {
namespace {

// Lavin and Gray's G for F(4, 3).
constexpr float kG[kTileInputs][3] = {
    {1.0F / 4, 0, 0},
    {-1.0F / 6, -1.0F / 6, -1.0F / 6},
    {-1.0F / 6, 1.0F / 6, -1.0F / 6},
    {1.0F / 24, 1.0F / 12, 1.0F / 6},
    {1.0F / 24, -1.0F / 12, 1.0F / 6},
    {0, 0, 1},
};

constexpr int kBlock = 32;  // kernels that are transformed together

// to[p] gets `count` values each, from weights[3 y + x].
void positions_of_weights(const float* const (&weights)[9], int count, float* const (&to)[kTilePositions]) {
  float rows[kTileInputs][3][kBlock] = {};
  for (int i = 0; i < kTileInputs; ++i) {
    for (int x = 0; x < 3; ++x) {
      for (int n = 0; n < count; ++n) {
        rows[i][x][n] = kG[i][0] * weights[x][n] + kG[i][1] * weights[3 + x][n] + kG[i][2] * weights[6 + x][n];
      }
    }
  }
  for (int i = 0; i < kTileInputs; ++i) {
    for (int j = 0; j < kTileInputs; ++j) {
      float* const values = to[kTileInputs * i + j];
      for (int n = 0; n < count; ++n) {
        values[n] = kG[j][0] * rows[i][0][n] + kG[j][1] * rows[i][1][n] + kG[j][2] * rows[i][2][n];
      }
    }
  }
}

}  // namespace

WinogradWeights::WinogradWeights(const KernelSet& kernels, const std::vector<InputWeights>& inputs, int out_channels,
                                 const Workers& workers)
    : inputs_(inputs),
      out_channels_(out_channels),
      blocks_((out_channels + kernels.tile_columns - 1) / kernels.tile_columns) {
  std::size_t total = 0;
  for (const InputWeights& input : inputs_) {
    begin_.push_back(total);
    panel_size_.push_back(static_cast<std::size_t>(input.in_channels) * static_cast<std::size_t>(kernels.tile_columns));
    total += panel_size_.back() * static_cast<std::size_t>(blocks_) * kTilePositions;
  }
  values_ = FloatBuffer(total, workers.memory);
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const InputWeights& input = inputs_[i];
    std::atomic<int> next{0};
    workers.run([&](int) {
      for (int in = next++; in < input.in_channels; in = next++) {
        for (int first = 0; first < out_channels; first += kernels.tile_columns) {
          const std::ptrdiff_t kernel = static_cast<std::ptrdiff_t>(in) * out_channels + first;
          const float* weights[9];
          for (int tap = 0; tap < 9; ++tap) {
            weights[tap] = input.weights + static_cast<std::ptrdiff_t>(tap) * input.in_channels * out_channels + kernel;
          }
          float* to[kTilePositions];
          for (int position = 0; position < kTilePositions; ++position) {
            to[position] = const_cast<float*>(panel(i, position, first / kernels.tile_columns)) +
                           static_cast<std::ptrdiff_t>(in) * kernels.tile_columns;
          }
          const int count = std::min(kernels.tile_columns, out_channels - first);
          positions_of_weights(weights, count, to);
          for (float* const values : to) std::fill(values + count, values + kernels.tile_columns, 0.0F);
        }
      }
    });
  }
}

void weights_of_positions(const float* const (&positions)[kTilePositions], int count, float* const (&weights)[9]) {
  for (int first = 0; first < count; first += kBlock) {
    const int block = std::min(kBlock, count - first);
    float rows[3][kTileInputs][kBlock] = {};
    for (int i = 0; i < kTileInputs; ++i) {
      for (int j = 0; j < kTileInputs; ++j) {
        const float* const values = positions[kTileInputs * i + j] + first;
        for (int y = 0; y < 3; ++y) {
          for (int n = 0; n < block; ++n) rows[y][j][n] += kG[i][y] * values[n];
        }
      }
    }
    for (int y = 0; y < 3; ++y) {
      for (int x = 0; x < 3; ++x) {
        float* const to = weights[3 * y + x] + first;
        for (int n = 0; n < block; ++n) to[n] = 0;
        for (int j = 0; j < kTileInputs; ++j) {
          for (int n = 0; n < block; ++n) to[n] += kG[j][x] * rows[y][j][n];
        }
      }
    }
  }
}

}  // namespace cloudmask
