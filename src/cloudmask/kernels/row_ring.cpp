#include "cloudmask/kernels/row_ring.h"

#include <algorithm>

namespace cloudmask {
namespace {

using Index = std::ptrdiff_t;

constexpr int kNothing = -1000;

const void* row_of(const void* values, const Maps& maps, Index element_bytes, int image, int row) {
  if (values == nullptr || row < 0 || row >= maps.height) return nullptr;
  const Index pixel = (static_cast<Index>(image) * maps.height + row) * maps.width;
  return static_cast<const char*>(values) + pixel * maps.channels * element_bytes;
}

int slots_for(const RingRows& rows) { return rows.step * (rows.band - 1) + rows.last - rows.first + 1; }

}  // namespace

RowSlots::RowSlots(const RingRows& rows) : rows_(rows), held_(static_cast<std::size_t>(slots_for(rows)), kNothing) {}

void RowSlots::forget() { std::fill(held_.begin(), held_.end(), kNothing); }

PlaneRing::PlaneRing(const KernelSet& kernels, const Maps& maps, const RingRows& rows)
    : kernels_(kernels),
      maps_(maps),
      split_(rows.step == 2),
      slots_(rows),
      plane_words_(kernels.plane_words(maps.width)),
      words_(kernels.words(maps.channels)) {
  storage_.assign(static_cast<std::size_t>(slots_.count() * words_ * plane_words_), 0);
}

void PlaneRing::fill(int image, int begin, int end) {
  slots_.fill(image, begin, end, [&](int row, int slot) { load(image, row, slot); });
}

void PlaneRing::load(int image, int row, int slot) {
  PlaneRow plane;
  plane.pixels = row_of(maps_.values, maps_, kernels_.element_bytes(), image, row);
  plane.gate = row_of(maps_.gate, maps_, kernels_.element_bytes(), image, row);
  plane.width = maps_.width;
  plane.channels = maps_.channels;
  plane.split = split_;
  plane.planes = &storage_[static_cast<std::size_t>(slot * words_ * plane_words_)];
  plane.plane_words = plane_words_;
  kernels_.lay_planes(plane);
}

const Word* PlaneRing::at(int row, int column) const {
  const Index position = plane_position(column, split_, plane_words_);
  return &storage_[static_cast<std::size_t>(slots_.of(row) * words_ * plane_words_ + position)];
}

PixelRing::PixelRing(const KernelSet& kernels, const Maps& maps, const RingRows& rows)
    : kernels_(kernels),
      maps_(maps),
      slots_(rows),
      count_((maps.width + 2 + kernels.pair - 1) / kernels.pair),
      shifts_(kernels.pair),
      // The usual channels and one: an odd number of cache lines, so that neighbours do not fall on the same few sets.
      stride_((static_cast<Index>(maps.channels) + 1 + 15) / 16 * 16) {
  storage_.assign(static_cast<std::size_t>(stride_ * slots_.count() * shifts_ * count_), 0);
  // Behind the channels stands a one in each word: its gradient is that of the bias.
  const Word one = kernels.pair == 2 ? 0x3f803f80U : 0x3f800000U;
  for (Index n = 0; n < static_cast<Index>(slots_.count()) * shifts_ * count_; ++n) {
    storage_[static_cast<std::size_t>(n * stride_ + maps.channels)] = one;
  }
}

void PixelRing::fill(int image, int begin, int end) {
  slots_.fill(image, begin, end, [&](int row, int slot) { load(image, row, slot); });
}

void PixelRing::load(int image, int row, int slot) {
  PixelRow pixels;
  pixels.pixels = row_of(maps_.values, maps_, kernels_.element_bytes(), image, row);
  pixels.gate = row_of(maps_.gate, maps_, kernels_.element_bytes(), image, row);
  pixels.width = maps_.width;
  pixels.channels = maps_.channels;
  pixels.count = count_;
  pixels.stride = stride_;
  for (int shift = 0; shift < shifts_; ++shift) {
    pixels.first = shift - 1;
    pixels.words = &storage_[static_cast<std::size_t>(stride_ * count_ * (slot * shifts_ + shift))];
    kernels_.lay_pixels(pixels);
  }
}

const Word* PixelRing::at(int row, int column) const {
  const Index layout = static_cast<Index>(slots_.of(row)) * shifts_ + column % shifts_;
  return &storage_[static_cast<std::size_t>((layout * count_ + column / shifts_) * stride_)];
}

}  // namespace cloudmask
