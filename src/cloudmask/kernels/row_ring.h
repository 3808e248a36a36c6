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
  int slot(int row) const { return (row + slots_) % slots_; }  // rows begin at -1
  void load(int image, int row);

  const KernelSet& kernels_;
  Maps maps_;
  RingRows rows_;
  int slots_;
  int image_ = -1;
  std::ptrdiff_t plane_words_;
  std::ptrdiff_t words_;
  std::vector<int> loaded_;  // row in each slot
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
  int slot(int row) const { return (row + slots_) % slots_; }
  void load(int image, int row);

  const KernelSet& kernels_;
  Maps maps_;
  RingRows rows_;
  int slots_;
  int image_ = -1;
  int count_;   // words in a column of one shift
  int shifts_;  // layouts kept: one, or both alignments of a pair
  std::ptrdiff_t stride_;
  std::vector<int> loaded_;
  WordBuffer storage_;
};

}  // namespace cloudmask
