#include "cloudmask/screening/block_grid.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cloudmask/base/parallel_for.h"

namespace cloudmask {
namespace {

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

float percentile_of(std::vector<float>& values, double share) {
  if (values.empty()) return kNone;
  const auto rank = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + rank, values.end());
  return values[static_cast<std::size_t>(rank)];
}

template <typename Combine>
BlockGrid over_windows(const BlockGrid& grid, int radius, Combine combine) {
  BlockGrid result = grid;
  for (int row = 0; row < grid.rows; ++row) {
    for (int column = 0; column < grid.columns; ++column) {
      std::vector<float> window;
      for (int y = std::max(0, row - radius); y <= std::min(grid.rows - 1, row + radius); ++y) {
        for (int x = std::max(0, column - radius); x <= std::min(grid.columns - 1, column + radius); ++x) {
          const float value = grid.values[grid.index(y, x)];
          if (!std::isnan(value)) window.push_back(value);
        }
      }
      result.values[grid.index(row, column)] = window.empty() ? kNone : combine(window);
    }
  }
  return result;
}

// Two neighbours on one axis and the share of the second.
struct Between {
  int first, second;
  float share;
};

Between between_centres(int pixel, int blocks) {
  const float place =
      std::clamp((static_cast<float>(pixel) + 0.5F) / kBlock_px - 0.5F, 0.0F, static_cast<float>(blocks - 1));
  const int first = static_cast<int>(place);
  return {first, std::min(first + 1, blocks - 1), place - static_cast<float>(first)};
}

}  // namespace

BlockGrid block_percentile(const PlaneView& plane, double share, int threads) {
  BlockGrid grid;
  grid.rows = (plane.height_px + kBlock_px - 1) / kBlock_px;
  grid.columns = (plane.width_px + kBlock_px - 1) / kBlock_px;
  grid.values.resize(static_cast<std::size_t>(grid.rows) * static_cast<std::size_t>(grid.columns));
  const auto work = [&](std::size_t block_row) {
    const int top_px = static_cast<int>(block_row) * kBlock_px;
    std::vector<float> values;
    for (int column = 0; column < grid.columns; ++column) {
      values.clear();
      const int left_px = column * kBlock_px;
      for (int y = top_px; y < std::min(top_px + kBlock_px, plane.height_px); ++y) {
        const float* row = plane.values + static_cast<std::size_t>(y) * static_cast<std::size_t>(plane.width_px);
        std::copy_if(row + left_px, row + std::min(left_px + kBlock_px, plane.width_px), std::back_inserter(values),
                     [](float value) { return !std::isnan(value); });
      }
      grid.values[grid.index(static_cast<int>(block_row), column)] =
          percentile_of(values, share);
    }
  };
  parallel_for(static_cast<std::size_t>(grid.rows), work, threads);
  return grid;
}

BlockGrid window_maximum(const BlockGrid& grid, int radius) {
  return over_windows(grid, radius, [](const std::vector<float>& v) { return *std::max_element(v.begin(), v.end()); });
}

BlockGrid window_mean(const BlockGrid& grid, int radius) {
  return over_windows(grid, radius, [](const std::vector<float>& values) {
    double sum = 0;
    for (const float value : values) sum += value;
    return static_cast<float>(sum / static_cast<double>(values.size()));
  });
}

void interpolate_row(const BlockGrid& grid, int row, int width_px, float* values) {
  const Between down = between_centres(row, grid.rows);
  std::vector<float> along(static_cast<std::size_t>(grid.columns));
  for (int column = 0; column < grid.columns; ++column) {
    const float above = grid.values[grid.index(down.first, column)];
    const float below = grid.values[grid.index(down.second, column)];
    along[static_cast<std::size_t>(column)] = above + down.share * (below - above);
  }
  for (int column = 0; column < width_px; ++column) {
    const Between across = between_centres(column, grid.columns);
    const float left = along[static_cast<std::size_t>(across.first)];
    values[column] = left + across.share * (along[static_cast<std::size_t>(across.second)] - left);
  }
}

}  // namespace cloudmask
