#pragma once

#include "cloudmask/kernels/isa_multiply.h"

namespace cloudmask {
namespace {

// Zeroes the positions around a row of planes, or all of them when there is no row.
template <class Isa>
void lay_planes(const PlaneRow& row) {
  const Index words = (row.channels + Isa::kPair - 1) / Isa::kPair;
  if (row.pixels == nullptr) {
    for (Index i = 0; i < words * row.plane_words; ++i) row.planes[i] = 0;
    return;
  }
  const auto* pixels = static_cast<const typename Isa::Value*>(row.pixels);
  const auto* gate = static_cast<const typename Isa::Value*>(row.gate);
  constexpr int kBlock = Isa::kLanes;  // square blocks are transposed: pixels to lanes
  for (Index word = 0; word < words; word += kBlock) {
    const Index left = words - word;
    const int block_words = left < kBlock ? static_cast<int>(left) : kBlock;
    const Index first_channel = word * Isa::kPair;
    const Index rest = row.channels - first_channel;
    const int values = rest < kBlock * Isa::kPair ? static_cast<int>(rest) : kBlock * Isa::kPair;
    for (int x = 0; x < row.width; x += kBlock) {
      typename Isa::Words block[kBlock];
      for (int i = 0; i < kBlock; ++i) {
        const Index at = static_cast<Index>(x + i) * row.channels + first_channel;
        block[i] = x + i < row.width ? Isa::load_values(pixels + at, gate == nullptr ? nullptr : gate + at, values)
                                     : Isa::no_words();
      }
      Isa::transpose(block);
      for (int i = 0; i < block_words; ++i) {
        Word* plane = row.planes + (word + i) * row.plane_words;
        if (row.split) {
          Isa::store_split(plane + plane_position(x + 1, true, row.plane_words),
                           plane + plane_position(x + 2, true, row.plane_words), block[i]);
        } else {
          Isa::store_words(plane + plane_position(x + 1, false, row.plane_words), block[i]);
        }
      }
    }
  }
  for (Index i = 0; i < words; ++i) {  // last, since whole vectors were written
    Word* plane = row.planes + i * row.plane_words;
    plane[plane_position(0, row.split, row.plane_words)] = 0;
    plane[plane_position(row.width + 1, row.split, row.plane_words)] = 0;
  }
}

template <class Isa>
void lay_pixels(const PixelRow& row) {
  const auto* pixels = static_cast<const typename Isa::Value*>(row.pixels);
  const auto* gate = static_cast<const typename Isa::Value*>(row.gate);
  constexpr int kValues = Isa::kLanes * (Isa::kPair == 2 ? 2 : 1);
  for (int n = 0; n < row.count; ++n) {
    Word* out = row.words + n * row.stride;
    const int x = row.first + row.step * Isa::kPair * n;
    for (int channel = 0; channel < row.channels; channel += kValues) {
      const int rest = row.channels - channel;
      const int values = rest < kValues ? rest : kValues;
      const auto load = [&](int column) {
        if (pixels == nullptr || column < 0 || column >= row.width) return Isa::no_words();
        const Index at = static_cast<Index>(column) * row.channels + channel;
        return Isa::load_values(pixels + at, gate == nullptr ? nullptr : gate + at, values);
      };
      if constexpr (Isa::kPair == 2) {
        Isa::store_pairs(out + channel, load(x), load(x + row.step), values);
      } else {
        Isa::store_some(out + channel, load(x), values);
      }
    }
  }
}

}  // namespace
}  // namespace cloudmask
