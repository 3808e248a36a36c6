#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cloudmask {

struct ChartSeries {
  std::string name;
  std::string css_class;  ///< "series-1" to "series-4", "guide": colours come from the page's style
  std::vector<std::pair<double, double>> points;  ///< x ascending; points that are not finite are left out
};

struct ChartOptions {
  std::string title;
  std::string x_label;
  std::string y_label;
  std::vector<ChartSeries> series;
  bool whole_x = false;                              ///< x counts something: ticks at whole numbers
  bool log2_x = false;                               ///< doublings of x, which is above 0, lie equally far apart
  bool percent_y = false;                            ///< y is a share, shown in per cent
  std::optional<double> marked_x;                    ///< a vertical line ...
  std::string mark_label;                            ///< ... and its name
  std::optional<std::pair<double, double>> y_range;  ///< empty: that of the points
};

/// An inline SVG with axes, ticks, legend, and values to read on hovering. Empty when no point is finite.
std::string line_chart(const ChartOptions& options);

/// Round numbers from `low` to `high`, about `count` of them.
std::vector<double> nice_ticks(double low, double high, int count, bool whole = false);

/// Decimals that tell such ticks apart.
int digits_of_step(const std::vector<double>& ticks);

}  // namespace cloudmask
