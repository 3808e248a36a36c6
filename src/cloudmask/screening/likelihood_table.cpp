#include "cloudmask/screening/likelihood_table.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cloudmask/base/error.h"

namespace cloudmask {

LikelihoodTable::LikelihoodTable(std::vector<TableAxis> axes) : axes_(std::move(axes)), cells_(1) {
  for (const TableAxis& axis : axes_) cells_ *= axis.bins();
  clear.assign(cells_, 0);
  cloud.assign(cells_, 0);
}

void LikelihoodTable::find_cells(const SceneFeatures& features, std::size_t first,
                                 std::span<std::uint32_t> cells) const {
  std::fill(cells.begin(), cells.end(), 0U);
  for (const TableAxis& axis : axes_) {
    const float* values = features.plane(axis.quantity) + first;
    const auto bins = static_cast<std::uint32_t>(axis.bins());
    const std::uint32_t missing = bins - 1;
    for (std::uint32_t& cell : cells) cell *= bins;
    for (const float edge : axis.edges) {
      for (std::size_t i = 0; i < cells.size(); ++i) cells[i] += values[i] >= edge ? 1U : 0U;  // not where missing
    }
    for (std::size_t i = 0; i < cells.size(); ++i) cells[i] += std::isnan(values[i]) ? missing : 0U;
  }
}

// One pass of the weights 1 2 1 along each axis; what would leave at an end stays there. The bin of missing values has
// no neighbours.
void LikelihoodTable::smooth(std::vector<double>& pixels) const {
  std::size_t stride = cells_;
  for (const TableAxis& axis : axes_) {
    const std::size_t bins = axis.bins();
    const std::size_t known = bins - 1;
    const std::size_t block = stride;
    stride /= bins;
    std::vector<double> line(known);
    for (std::size_t start = 0; start < cells_; start += block) {
      for (std::size_t inner = 0; inner < stride; ++inner) {
        double* const first = &pixels[start + inner];
        for (std::size_t i = 0; i < known; ++i) line[i] = first[i * stride];
        for (std::size_t i = 0; i < known; ++i) {
          const double before = line[i > 0 ? i - 1 : i];
          const double after = line[i + 1 < known ? i + 1 : i];
          first[i * stride] = 0.25 * before + 0.5 * line[i] + 0.25 * after;
        }
      }
    }
  }
}

void LikelihoodTable::estimate(std::vector<double> clear_pixels, std::vector<double> cloud_pixels) {
  CM_CHECK(clear_pixels.size() == cells_ && cloud_pixels.size() == cells_);
  smooth(clear_pixels);
  smooth(cloud_pixels);
  // What is added to a cell has the ratio of the classes at large.
  const double clear_total = 1 + std::accumulate(clear_pixels.begin(), clear_pixels.end(), 0.0);
  const double cloud_total = 1 + std::accumulate(cloud_pixels.begin(), cloud_pixels.end(), 0.0);
  const double added = kCommonPixels / (clear_total + cloud_total);
  const double sum = 1 + added * static_cast<double>(cells_);
  for (std::size_t cell = 0; cell < cells_; ++cell) {
    clear[cell] = static_cast<float>((clear_pixels[cell] / clear_total + added) / sum);
    cloud[cell] = static_cast<float>((cloud_pixels[cell] / cloud_total + added) / sum);
  }
}

std::vector<float> LikelihoodTable::log_ratio() const {
  std::vector<float> ratio(cells_, 0);
  for (std::size_t cell = 0; cell < cells_; ++cell) {
    if (clear[cell] > 0 && cloud[cell] > 0) ratio[cell] = std::log(cloud[cell] / clear[cell]);
  }
  return ratio;
}

}  // namespace cloudmask
