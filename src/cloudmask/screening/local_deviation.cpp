#include "cloudmask/screening/local_deviation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "cloudmask/base/parallel_for.h"

namespace cloudmask {
namespace {

constexpr int kBandRows = 64;
constexpr double kFewestValues = 3;

// Double: squares of 300 K and deviations of 0.01 K together.
struct Moments {
  double count = 0;
  double sum = 0;
  double squares = 0;

  void add(const Moments& other, double sign) {
    count += sign * other.count;
    sum += sign * other.sum;
    squares += sign * other.squares;
  }

  float deviation() const {
    if (count < kFewestValues) return std::numeric_limits<float>::quiet_NaN();
    const double mean = sum / count;
    return std::sqrt(static_cast<float>(std::max(0.0, squares / count - mean * mean)));
  }
};

// Sums over the rows of the window, one for each column.
class ColumnMoments {
 public:
  explicit ColumnMoments(const PlaneView& plane) : plane_(plane), columns_(static_cast<std::size_t>(plane.width_px)) {}

  void add_row(int row, double sign) {
    if (row < 0 || row >= plane_.height_px) return;
    const float* values = plane_.values + static_cast<std::size_t>(row) * columns_.size();
    for (std::size_t column = 0; column < columns_.size(); ++column) {
      const bool there = !std::isnan(values[column]);
      const double value = there ? values[column] : 0;
      columns_[column].add({there ? 1.0 : 0.0, value, value * value}, sign);
    }
  }

  void write_row(const float* centre, int radius_px, float* deviation) const {
    const int width_px = plane_.width_px;
    Moments window;
    for (int column = 0; column < std::min(radius_px, width_px); ++column) window.add(columns_[column], 1);
    for (int column = 0; column < width_px; ++column) {
      if (column + radius_px < width_px) window.add(columns_[column + radius_px], 1);
      if (column > radius_px) window.add(columns_[column - radius_px - 1], -1);
      deviation[column] = std::isnan(centre[column]) ? centre[column] : window.deviation();
    }
  }

 private:
  const PlaneView& plane_;
  std::vector<Moments> columns_;
};

}  // namespace

void local_deviation(const PlaneView& plane, int radius_px, float* deviation, int threads) {
  const auto width = static_cast<std::size_t>(plane.width_px);
  const auto bands = static_cast<std::size_t>((plane.height_px + kBandRows - 1) / kBandRows);
  const auto work = [&](std::size_t band) {
    const int begin = static_cast<int>(band) * kBandRows;
    const int end = std::min(begin + kBandRows, plane.height_px);
    ColumnMoments columns(plane);
    for (int row = begin - radius_px; row < begin + radius_px; ++row) columns.add_row(row, 1);
    for (int row = begin; row < end; ++row) {
      columns.add_row(row + radius_px, 1);
      if (row > begin) columns.add_row(row - radius_px - 1, -1);
      const std::size_t offset = static_cast<std::size_t>(row) * width;
      columns.write_row(plane.values + offset, radius_px, deviation + offset);
    }
  };
  parallel_for(bands, work, threads);
}

}  // namespace cloudmask
