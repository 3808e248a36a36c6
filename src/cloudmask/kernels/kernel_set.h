#pragma once

#include <cstddef>
#include <cstdint>

namespace cloudmask {

// The innermost loops, once for each kind of processor; everything around them is the same code for all. They work on
// words of 32 bits: one fp32 value, or a pair of bf16 values whose products are summed (VDPBF16PS).

enum class Element { kFloat32, kBFloat16 };

using Word = std::uint32_t;

/// One run of outer products: sums[i][j] += sum over n < count of left[n * left_stride + i] * right[n * right_stride +
/// j].
struct Panel {
  const Word* left = nullptr;
  std::ptrdiff_t left_stride = 0;
  const Word* right = nullptr;
  std::ptrdiff_t right_stride = 0;
  std::ptrdiff_t count = 0;
};

/// Where a tile of sums goes.
struct TileOutput {
  void* data = nullptr;           ///< of row 0
  std::ptrdiff_t row_stride = 0;  ///< elements from one row to the next
  int columns = 0;                ///< at most KernelSet::tile_columns; whole vectors of right are read
  const float* bias = nullptr;    ///< one a column, padded to tile_columns; nullptr: none
  bool relu = false;
  bool add = false;  ///< data is fp32 and is added to; otherwise it is of KernelSet::element and is overwritten
};

/// A row of pixels [width][channels] to be laid out as planes, one for each word of a pixel. Column x is position x +
/// 1; positions 0 and width + 1 are zero. plane_position() says where in its plane a position lies: such that position
/// 1 begins a cache line, and with `split` even and odd positions lie apart.
struct PlaneRow {
  const void* pixels = nullptr;
  const void* gate = nullptr;  ///< same shape; where it is not positive the value counts as 0. nullptr: no gate
  int width = 0;
  int channels = 0;
  bool split = false;
  Word* planes = nullptr;
  std::ptrdiff_t plane_words = 0;  ///< KernelSet::plane_words(width)
};

/// A row of pixels laid out for sums over pixels: word [n][channel] holds the pixels first + step * pair * n and, in
/// bf16, first + step * (2 n + 1); those outside the row are zero.
struct PixelRow {
  const void* pixels = nullptr;
  const void* gate = nullptr;
  int width = 0;
  int channels = 0;
  int first = 0;
  int step = 1;
  int count = 0;  ///< words in a column
  Word* words = nullptr;
  std::ptrdiff_t stride = 0;  ///< words from n to n + 1, at least channels rounded up to 16
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
  int pair;          ///< values in a word
  int tile_rows;     ///< largest tile
  int tile_columns;  ///< a multiple of the vector's length

  /// `rows` <= tile_rows. `left_offset` is added to every panel's left.
  void (*multiply)(const Panel* panels, int count, std::ptrdiff_t left_offset, int rows, const TileOutput& output);
  void (*lay_planes)(const PlaneRow& row);
  void (*lay_pixels)(const PixelRow& row);
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

  std::ptrdiff_t words(int channels) const { return (channels + pair - 1) / pair; }
  std::ptrdiff_t element_bytes() const { return element == Element::kBFloat16 ? 2 : 4; }
  /// Room for positions 0 to width + 1 and a whole vector behind the last one, in both halves.
  std::ptrdiff_t plane_words(int width) const { return (static_cast<std::ptrdiff_t>(width) + 2 + 96) / 32 * 32; }
};

inline std::ptrdiff_t plane_position(int position, bool split, std::ptrdiff_t plane_words) {
  constexpr std::ptrdiff_t kLead = 15;
  if (!split) return kLead + position;
  return position % 2 == 0 ? kLead + position / 2 : plane_words / 2 + position / 2;
}

}  // namespace cloudmask
