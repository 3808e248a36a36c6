#pragma once

#include <vector>

#include "cloudmask/kernels/convolution.h"
#include "cloudmask/kernels/word_buffer.h"

namespace cloudmask {

/// Which rows of an input a band of output rows [begin, end) needs: step * begin + first to step * (end - 1) + last.
struct RingRows {
  int step = 1;
  int first = 0;
  int last = 0;
  int band = 1;  ///< largest end - begin
};

/// Which row lies in which slot of a ring.
class RowSlots {
 public:
  explicit RowSlots(const RingRows& rows);

  /// Calls load(row, slot) for the rows of a band that are not there yet.
  template <typename Load>
  void fill(int image, int begin, int end, const Load& load) {
    if (image != image_) forget();
    image_ = image;
    for (int row = rows_.step * begin + rows_.first; row <= rows_.step * (end - 1) + rows_.last; ++row) {
      int& held = held_[static_cast<std::size_t>(of(row))];
      if (held != row) load(row, of(row));
      held = row;
    }
  }
  int of(int row) const { return (row + count()) % count(); }  // rows begin at -1
  int count() const { return static_cast<int>(held_.size()); }

 private:
  void forget();

  RingRows rows_;
  int image_ = -1;
  std::vector<int> held_;
};

/// The rows that a worker is busy with, each laid out once (KernelSet::lay_planes) however many output rows it serves.
class PlaneRing {
 public:
  PlaneRing(const KernelSet& kernels, const Maps& maps, const RingRows& rows);

  void fill(int image, int begin, int end);
  /// Of a row that fill() covered: position `column` in the first plane.
  const Word* at(int row, int column) const;
  std::ptrdiff_t plane_words() const { return plane_words_; }
  std::ptrdiff_t words() const { return words_; }

 private:
  void load(int image, int row, int slot);

  const KernelSet& kernels_;
  Maps maps_;
  bool split_;
  RowSlots slots_;
  std::ptrdiff_t plane_words_;
  std::ptrdiff_t words_;
  WordBuffer storage_;
};

/// The same for KernelSet::lay_pixels, in the shifts by a column that taps need.
class PixelRing {
 public:
  PixelRing(const KernelSet& kernels, const Maps& maps, const RingRows& rows);

  void fill(int image, int begin, int end);
  /// The word of output columns 0 (and 1 in a pair) under a tap: pixel `column` - 1 of the row.
  const Word* at(int row, int column) const;
  std::ptrdiff_t stride() const { return stride_; }

 private:
  void load(int image, int row, int slot);

  const KernelSet& kernels_;
  Maps maps_;
  RowSlots slots_;
  int count_;   // words in a column of one shift
  int shifts_;  // layouts kept: one, or both alignments of a pair
  std::ptrdiff_t stride_;
  WordBuffer storage_;
};

}  // namespace cloudmask
