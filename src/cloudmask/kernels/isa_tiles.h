#pragma once

#include "cloudmask/kernels/isa_winograd.h"

namespace cloudmask {
namespace {

template <class Isa>
void gate(const void* values, const void* gate, std::int64_t count, void* to) {
  using Value = typename Isa::Value;
  const auto* const from = static_cast<const Value*>(values);
  const auto* const open = static_cast<const Value*>(gate);
  auto* const out = static_cast<Value*>(to);
#pragma GCC ivdep
  for (std::int64_t i = 0; i < count; ++i) out[i] = Isa::key(open[i]) > 0 ? from[i] : Value{};
}

// How a transform of tiles reads and writes. kOverlap columns of a tile are also the next one's first.
template <int kInputs, int kOverlap, int kFirstColumn, bool kWithoutPairs>
struct TileShape {
  static constexpr int inputs = kInputs;
  static constexpr int overlap = kOverlap;
  static constexpr int first_column = kFirstColumn;
  static constexpr bool without_pairs = kWithoutPairs;
};
using InputShape = TileShape<6, 2, -1, false>;
using PairedInputShape = TileShape<6, 2, -1, true>;
using UpsampledShape = TileShape<4, 2, -1, true>;
using GradientShape = TileShape<4, 0, 0, false>;

// Tiles [begin, end) of a block of channels; `transform` is one of OneDimension's. Columns first, each once for the
// two tiles that have it, then rows.
template <class Isa, class Shape, void (*transform)(const typename Isa::Vector*, typename Isa::Vector*)>
void transform_tiles(const TileRow& row, int channel, int begin, int end) {
  using Vector = typename Isa::Vector;
  using Value = typename Isa::Value;
  constexpr int kStep = Shape::inputs - Shape::overlap;
  const int rest = row.channels - channel > 0 ? row.channels - channel : 0;
  const int lanes = rest < Isa::kLanes ? rest : Isa::kLanes;
  Vector columns[kTileInputs][Shape::inputs];  // [position's row][column]
  const auto load_column = [&](int x, int at) {
    Vector pixels[Shape::inputs];
    Vector values[kTileInputs];
    const Index offset = static_cast<Index>(x - row.first_pixel) * row.channels + channel;
    for (int y = 0; y < Shape::inputs; ++y) {
      const auto* const from = static_cast<const Value*>(row.pixels[y]);
      const bool outside = from == nullptr || x < row.first_pixel || x >= row.width;
      pixels[y] = outside ? Isa::zero() : Isa::load_map(from + offset, lanes);
    }
    transform(pixels, values);
    for (int y = 0; y < kTileInputs; ++y) {
      if (!Shape::without_pairs || y != 2) columns[y][at] = values[y];
    }
  };
  const int first = kStep * (row.first_tile + begin) + Shape::first_column;
  for (int x = 0; x < Shape::overlap; ++x) load_column(first + x, x);
  for (int tile = begin; tile < end; ++tile) {
    const int left = kStep * (row.first_tile + tile) + Shape::first_column;
    for (int x = Shape::overlap; x < Shape::inputs; ++x) load_column(left + x, x);
    float* const to = row.to.values + tile * row.to.tile_stride + channel;
    for (int y = 0; y < kTileInputs; ++y) {
      if (Shape::without_pairs && y == 2) continue;
      Vector values[kTileInputs];
      transform(columns[y], values);
      for (int x = 0; x < kTileInputs; ++x) {
        if (Shape::without_pairs && x == 2) continue;
        Isa::store(to + (kTileInputs * y + x) * row.to.position_stride, values[x]);
      }
      for (int x = 0; x < Shape::overlap; ++x) columns[y][x] = columns[y][kStep + x];
    }
  }
}

template <class Isa, class Shape, void (*transform)(const typename Isa::Vector*, typename Isa::Vector*)>
void transform_row(const TileRow& row) {
  constexpr int kChunk = 8;  // tiles whose pixels stay in the first cache while the blocks of channels pass
  const int padded = (row.channels + 15) / 16 * 16;
  for (int begin = 0; begin < row.tiles; begin += kChunk) {
    const int end = begin + kChunk < row.tiles ? begin + kChunk : row.tiles;
    for (int channel = 0; channel < padded; channel += Isa::kLanes) {
      transform_tiles<Isa, Shape, transform>(row, channel, begin, end);
    }
  }
}

template <class Isa, int kOutputs, void (*transform)(const typename Isa::Vector*, typename Isa::Vector*)>
void make_output(const OutputRow& row) {
  using Vector = typename Isa::Vector;
  using Value = typename Isa::Value;
  constexpr bool kPairs = kOutputs == 2;
  for (int tile = 0; tile < row.tiles; ++tile) {
    const int left = kOutputs * (row.first_tile + tile);
    for (int channel = 0; channel < row.channels; channel += Isa::kLanes) {
      const int rest = row.channels - channel;
      const int lanes = rest < Isa::kLanes ? rest : Isa::kLanes;
      const float* const from = row.from.values + tile * row.from.tile_stride + channel;
      Vector columns[kOutputs][kTileInputs];
      for (int x = 0; x < kTileInputs; ++x) {
        if (kPairs && x == 2) continue;
        Vector values[kTileInputs];
        Vector sums[kOutputs];
        for (int y = 0; y < kTileInputs; ++y) {
          if (!kPairs || y != 2) values[y] = Isa::load(from + (kTileInputs * y + x) * row.from.position_stride);
        }
        transform(values, sums);
        for (int y = 0; y < kOutputs; ++y) columns[y][x] = sums[y];
      }
      const Vector bias = row.bias != nullptr ? Isa::load(row.bias + channel) : Isa::zero();
      for (int y = 0; y < kOutputs; ++y) {
        if (row.pixels[y] == nullptr) continue;
        Vector sums[kOutputs];
        transform(columns[y], sums);
        for (int x = 0; x < kOutputs && left + x < row.width; ++x) {
          Vector value = Isa::add(sums[x], bias);
          if (row.relu) value = Isa::relu(value);
          const Index at = static_cast<Index>(left + x) * row.channels + channel;
          Isa::store_map(static_cast<Value*>(row.pixels[y]) + at, value, lanes);
        }
      }
    }
  }
}

}  // namespace
}  // namespace cloudmask
