#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cloudmask/metrics/bootstrap.h"

namespace cloudmask {

struct IntervalChart {
  std::string title;
  std::string x_label;
  std::vector<std::pair<std::string, Estimate>> rows;  ///< names and figures, from top to bottom
  bool mark_zero = false;                              ///< a line at 0, which the axis then holds
};

/// An inline SVG: a dot and its interval for each row, with values to read on hovering. Empty when no figure is finite.
std::string to_svg(const IntervalChart& chart);

}  // namespace cloudmask
