#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cloudmask/screening/scene_features.h"

namespace cloudmask {

/// One axis of a table: the bins between ascending edges, one below the first, one from the last on, and a last bin of
/// its own for pixels where the quantity is missing.
struct TableAxis {
  Feature quantity = Feature::kS8;
  std::vector<float> edges;

  std::size_t bins() const { return edges.size() + 2; }
};

/// How often clear and cloudy pixels show each combination of a few quantities: two histograms over the same axes, the
/// last axis fastest.
class LikelihoodTable {
 public:
  LikelihoodTable() = default;
  explicit LikelihoodTable(std::vector<TableAxis> axes);

  const std::vector<TableAxis>& axes() const { return axes_; }
  std::size_t cells() const { return cells_; }

  /// The cell of each of `cells.size()` pixels from `first` on.
  void find_cells(const SceneFeatures& features, std::size_t first, std::span<std::uint32_t> cells) const;

  /// P(cell | clear) and P(cell | cloud), each summing to 1. Their ratio is what counts.
  std::vector<float> clear;
  std::vector<float> cloud;

  /// From weighted counts of pixels: smoothed along every axis, then kCommonPixels is added to each cell, which says
  /// nothing: a cell in which hardly a pixel was seen says little, one that was never seen nothing.
  void estimate(std::vector<double> clear_pixels, std::vector<double> cloud_pixels);
  static constexpr double kCommonPixels = 1;

  /// ln P(cell | cloud) - ln P(cell | clear); 0 where one of them is 0, as in tables of others.
  std::vector<float> log_ratio() const;

 private:
  void smooth(std::vector<double>& pixels) const;

  std::vector<TableAxis> axes_;
  std::size_t cells_ = 0;
};

}  // namespace cloudmask
