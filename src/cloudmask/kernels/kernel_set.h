#pragma once

#include <cstddef>
#include <cstdint>

namespace cloudmask {

// The innermost loops, once for each kind of processor; everything around them is the same code for all. Maps lie in
// memory as fp32 or bf16; all arithmetic is fp32.
//
// 3x3 convolutions are Winograd's F(4x4, 3x3) (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks",
// 2016): tiles of 4x4 outputs and the 6x6 inputs under them are turned into 36 values, the positions, at each of which
// a product over channels takes the place of nine. Transforms run over whole vectors of channels.

enum class Element { kFloat32, kBFloat16 };

inline constexpr int kTileOutputs = 4;  ///< a side
inline constexpr int kTileInputs = 6;
inline constexpr int kTilePositions = kTileInputs * kTileInputs;  ///< position 6 * row + column

/// Where equal neighbours make it vanish: row and column 2 of a tile whose input is up-sampled by two, or whose outputs
/// are summed two by two.
constexpr bool vanishes_in_pairs(int position) { return position / kTileInputs == 2 || position % kTileInputs == 2; }

/// One run of outer products: sums[i][j] += sum over n < count of left[i * row_stride + n * step] * right[n *
/// right_stride + j].
struct Product {
  const float* left = nullptr;
  std::ptrdiff_t row_stride = 0;
  std::ptrdiff_t step = 0;
  const float* right = nullptr;
  std::ptrdiff_t right_stride = 0;
  std::ptrdiff_t count = 0;
};

struct Sums {
  float* data = nullptr;
  std::ptrdiff_t row_stride = 0;
  int rows = 0;      ///< at most KernelSet::tile_rows
  int columns = 0;   ///< at most KernelSet::tile_columns, a multiple of 16
  bool add = false;  ///< otherwise overwritten
};

/// Transformed tiles: values[position * position_stride + tile * tile_stride + channel]. Channels are rounded up to
/// 16; what is beyond them is 0.
struct TileValues {
  float* values = nullptr;
  std::ptrdiff_t position_stride = 0;
  std::ptrdiff_t tile_stride = 0;
};

/// Rows of pixels [width][channels] under the tiles first_tile to first_tile + tiles - 1 of a row of tiles. nullptr:
/// outside, where all is zero.
struct TileRow {
  const void* pixels[kTileInputs] = {};
  int first_pixel = 0;  ///< column at which they begin
  int width = 0;        ///< column at which they end: all is zero outside
  int channels = 0;
  int first_tile = 0;
  int tiles = 0;
  TileValues to;
};

struct OutputRow {
  void* pixels[kTileOutputs] = {};  ///< nullptr: not wanted
  int width = 0;
  int channels = 0;
  int first_tile = 0;
  int tiles = 0;
  TileValues from;
  const float* bias = nullptr;  ///< one a channel, rounded up to 16; nullptr: none
  bool relu = false;
};

/// 2x2 maxima of two rows of pixels, and the way back: the gradient goes to the first of the largest.
struct PoolRow {
  const void* upper = nullptr;  ///< [2 * width][channels]
  const void* lower = nullptr;
  int width = 0;  ///< of the pooled row
  int channels = 0;
};

struct FeatureWeights {
  int channels = 0;
  int features = 0;
  const float* weight = nullptr;  ///< [channels][features]
  const float* bias = nullptr;    ///< [features]
};

struct KernelSet {
  const char* name;
  Element element;
  bool needs_avx512;
  int tile_rows;     ///< largest product
  int tile_columns;  ///< a multiple of the vector's length

  void (*multiply)(const Product& product, const Sums& sums);

  /// to[i] = gate[i] > 0 ? values[i] : 0
  void (*gate)(const void* values, const void* gate, std::int64_t count, void* to);

  /// Pixel rows 4 i - 1 to 4 i + 4, tile t has columns 4 t - 1 to 4 t + 4. All positions.
  void (*input_tiles)(const TileRow& row);
  /// The same, without the positions that vanish_in_pairs.
  void (*paired_input_tiles)(const TileRow& row);
  /// Of a map that is up-sampled to the nearest by two: rows 2 i - 1 to 2 i + 2 of the small map in pixels[0] to [3],
  /// columns likewise; without the positions that vanish.
  void (*upsampled_tiles)(const TileRow& row);
  /// Of an output's gradient, for the gradient of the weights: rows 4 i to 4 i + 3 in pixels[0] to [3]. The value at
  /// position 7 is the sum over the tile.
  void (*gradient_tiles)(const TileRow& row);
  /// Rows 4 i to 4 i + 3 of the output.
  void (*output_rows)(const OutputRow& row);
  /// Rows 2 i and 2 i + 1 of the output summed two by two in both directions.
  void (*paired_output_rows)(const OutputRow& row);

  /// out[i] = the pixel's channels and behind them tanh(bias[f] + sum over c of channels[c] * weight[c][f]) for each
  /// feature f; to 1e-6. pixels is fp32 [count][channels], out [count][channels + features].
  void (*append_features)(const float* pixels, std::int64_t count, const FeatureWeights& features, void* out);
  void (*pool)(const PoolRow& row, void* pooled);
  void (*pool_gradient)(const PoolRow& row, const void* pooled_gradient, void* upper_gradient, void* lower_gradient);
  /// logits[i] = bias + sum over channels of pixels[i][c] * weight[c]
  void (*head)(const void* pixels, std::int64_t count, int channels, const float* weight, float bias, float* logits);
  /// input_gradient[i][c] = gradient[i] * weight[c]; weight_gradient[c] += sum of gradient[i] * pixels[i][c]
  void (*head_gradient)(const void* pixels, const float* gradient, std::int64_t count, int channels,
                        const float* weight, void* input_gradient, float* weight_gradient);

  std::ptrdiff_t element_bytes() const { return element == Element::kBFloat16 ? 2 : 4; }
};

}  // namespace cloudmask
