#include "cloudmask/report/interval_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cloudmask/report/html_text.h"
#include "cloudmask/report/svg_chart.h"

namespace cloudmask {
namespace {

constexpr double kWidth = 480;
constexpr double kRight = 18;
constexpr double kTop = 40;
constexpr double kRow = 26;
constexpr double kBottom = 46;
constexpr double kLetter = 7.2;

struct Axis {
  double low = 0;
  double high = 1;
  double left = 0;
  double to_x(double value) const { return left + (value - low) / (high - low) * (kWidth - kRight - left); }
};

/// False when there is nothing to draw.
bool find_axis(const IntervalChart& chart, Axis& axis) {
  std::vector<double> values;
  std::size_t letters = 0;
  for (const auto& [name, estimate] : chart.rows) {
    letters = std::max(letters, name.size());
    for (const double value : {estimate.value, estimate.low, estimate.high}) {
      if (std::isfinite(value)) values.push_back(value);
    }
  }
  if (values.empty()) return false;
  if (chart.mark_zero) values.push_back(0);
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double margin = std::max(0.05 * (*high - *low), 1e-3);
  axis = {*low - margin, *high + margin, std::min(24 + kLetter * static_cast<double>(letters), kWidth / 2)};
  return true;
}

std::string hover_text(const std::string& name, const Estimate& estimate) {
  std::string value = fmt::format("{}: {}", name, fixed(estimate.value, 4));
  if (!std::isfinite(estimate.low)) return value;
  return value + fmt::format(", {} to {}", fixed(estimate.low, 4), fixed(estimate.high, 4));
}

/// What the chart shows, for those who cannot see it.
std::string description(const IntervalChart& chart) {
  std::string text = chart.title + ":";
  for (const auto& [name, estimate] : chart.rows) {
    text += (text.back() == ':' ? " " : "; ") + hover_text(name, estimate);
  }
  return text;
}

std::string draw_row(const std::string& name, const Estimate& estimate, const Axis& axis, double y) {
  std::string svg = fmt::format("<text class=\"label\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>",
                                axis.left - 10, y + 4, escape_html(name));
  if (std::isfinite(estimate.low)) {
    svg += fmt::format("<polyline class=\"series-1\" points=\"{:.1f},{:.1f} {:.1f},{:.1f}\"/>", axis.to_x(estimate.low),
                       y, axis.to_x(estimate.high), y);
  }
  if (std::isfinite(estimate.value)) {
    svg += fmt::format("<circle class=\"series-1\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.5\"><title>{}</title></circle>",
                       axis.to_x(estimate.value), y, escape_html(hover_text(name, estimate)));
  }
  return svg + "\n";
}

}  // namespace

std::string to_svg(const IntervalChart& chart) {
  Axis axis;
  if (!find_axis(chart, axis)) return "";
  const double bottom = kTop + kRow * static_cast<double>(chart.rows.size());
  std::string svg = fmt::format(
      "<svg viewBox=\"0 0 {0} {1}\" role=\"img\" aria-label=\"{2}\">\n<text class=\"title\" x=\"14\" y=\"22\">{3}"
      "</text>\n",
      kWidth, bottom + kBottom, escape_html(description(chart)), escape_html(chart.title));
  const std::vector<double> ticks = nice_ticks(axis.low, axis.high, 5);
  for (const double tick : ticks) {
    const double x = axis.to_x(tick);
    svg += fmt::format(
        "<line class=\"{0}\" x1=\"{1:.1f}\" x2=\"{1:.1f}\" y1=\"{2}\" y2=\"{3}\"/><text class=\"tick\" x=\"{1:.1f}\" "
        "y=\"{4}\" text-anchor=\"middle\">{5:.{6}f}</text>",
        chart.mark_zero && tick == 0 ? "axis" : "grid", x, kTop, bottom, bottom + 18, tick, digits_of_step(ticks));
  }
  svg += fmt::format("<text class=\"label\" x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
                     (axis.left + kWidth - kRight) / 2, bottom + kBottom - 8, escape_html(chart.x_label));
  double y = kTop + kRow / 2;
  for (const auto& [name, estimate] : chart.rows) {
    svg += draw_row(name, estimate, axis, y);
    y += kRow;
  }
  return svg + "</svg>\n";
}

}  // namespace cloudmask
