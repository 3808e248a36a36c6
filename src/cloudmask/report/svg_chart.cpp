#include "cloudmask/report/svg_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "cloudmask/report/html_text.h"

namespace cloudmask {
namespace {

using Point = std::pair<double, double>;

constexpr double kWidth = 480;
constexpr double kHeight = 300;
constexpr double kLeft = 62;
constexpr double kRight = 14;
constexpr double kTop = 62;
constexpr double kBottom = 46;
constexpr std::size_t kMaxMarkers = 60;

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

bool drawable(const Point& point) { return std::isfinite(point.first) && std::isfinite(point.second); }

/// From data to the coordinates of the drawing.
struct Frame {
  Range x;
  Range y;
  double to_x(double value) const {
    const double span = x.high - x.low;
    return span > 0 ? kLeft + (value - x.low) / span * (kWidth - kLeft - kRight) : (kLeft + kWidth - kRight) / 2;
  }
  double to_y(double value) const {
    const double share = std::clamp((value - y.low) / (y.high - y.low), 0.0, 1.0);
    return kHeight - kBottom - share * (kHeight - kTop - kBottom);
  }
};

/// What x was before ChartOptions::log2_x.
double shown_x(const ChartOptions& options, double x) { return options.log2_x ? std::exp2(x) : x; }

std::string axes(const ChartOptions& options, const Frame& frame) {
  std::string svg;
  const double percent = options.percent_y ? 100.0 : 1.0;
  std::vector<double> ticks = nice_ticks(frame.y.low * percent, frame.y.high * percent, 5);
  for (const double tick : ticks) {
    const double y = frame.to_y(tick / percent);
    svg += fmt::format("<line class=\"grid\" x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>", kLeft, kWidth - kRight,
                       y, y);
    svg += fmt::format("<text class=\"tick\" x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{:.{}f}</text>", kLeft - 8,
                       y + 4, tick, digits_of_step(ticks));
  }
  ticks = nice_ticks(frame.x.low, frame.x.high, 8, options.whole_x);
  for (const double tick : ticks) {
    svg += fmt::format("<text class=\"tick\" x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{:.{}f}</text>",
                       frame.to_x(tick), kHeight - kBottom + 18, shown_x(options, tick),
                       options.log2_x ? 0 : digits_of_step(ticks));
  }
  svg += fmt::format("<line class=\"axis\" x1=\"{}\" x2=\"{}\" y1=\"{}\" y2=\"{}\"/>", kLeft, kWidth - kRight,
                     kHeight - kBottom, kHeight - kBottom);
  svg += fmt::format("<text class=\"label\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                     (kLeft + kWidth - kRight) / 2, kHeight - 8, escape_html(options.x_label));
  const double middle = (kTop + kHeight - kBottom) / 2;
  return svg + fmt::format(
                   "<text class=\"label\" transform=\"translate(15 {0}) rotate(-90)\" text-anchor=\"middle\">"
                   "{1}</text>\n",
                   middle, escape_html(options.y_label + (options.percent_y ? " (%)" : "")));
}

std::string mark(const ChartOptions& options, const Frame& frame) {
  if (!options.marked_x) return "";
  const double x = frame.to_x(*options.marked_x);
  const bool right_half = x > kWidth / 2;
  return fmt::format(
      "<line class=\"mark\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\"/>"
      "<text class=\"tick\" x=\"{3:.1f}\" y=\"{4}\" text-anchor=\"{5}\">{6}</text>\n",
      x, kTop, kHeight - kBottom, x + (right_half ? -5 : 5), kTop - 4, right_half ? "end" : "start",
      escape_html(options.mark_label));
}

std::string hover_text(const ChartOptions& options, const ChartSeries& series, const Point& point) {
  const std::string y = options.percent_y ? percent(point.second) : fixed(point.second, 4);
  return escape_html(fmt::format("{}: {} at {} {}", series.name, y, options.x_label,
                                 fixed(shown_x(options, point.first), options.whole_x ? 0 : 2)));
}

std::string draw(const ChartOptions& options, const ChartSeries& series, const Frame& frame) {
  std::string line;
  std::string markers;
  for (const Point& point : series.points) {
    if (!drawable(point)) continue;
    const double x = frame.to_x(point.first);
    const double y = frame.to_y(point.second);
    line += fmt::format("{:.1f},{:.1f} ", x, y);
    if (series.css_class != "guide" && series.points.size() <= kMaxMarkers) {
      markers += fmt::format("<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\"><title>{}</title></circle>",
                             series.css_class, x, y, hover_text(options, series, point));
    }
  }
  return fmt::format("<polyline class=\"{}\" points=\"{}\"/>{}\n", series.css_class, line, markers);
}

/// What the chart shows, for those who cannot see it: each line's first and last value.
std::string description(const ChartOptions& options) {
  std::string text = fmt::format("{}: {} over {}", options.title, options.y_label, options.x_label);
  for (const ChartSeries& series : options.series) {
    std::vector<Point> points;
    std::copy_if(series.points.begin(), series.points.end(), std::back_inserter(points), drawable);
    if (series.css_class == "guide" || points.empty()) continue;
    const auto value = [&](const Point& point) {
      return options.percent_y ? percent(point.second) : fixed(point.second, 4);
    };
    text += fmt::format("; {}: {}", series.name, value(points.front()));
    if (points.size() > 1) text += " to " + value(points.back());
  }
  return text;
}

std::string legend(const ChartOptions& options) {
  std::string svg;
  double x = kLeft;
  for (const ChartSeries& series : options.series) {
    svg += fmt::format(
        "<polyline class=\"{0}\" points=\"{1},35 {2},35\"/><text class=\"legend-entry\" x=\"{3}\" y=\"39\">{4}"
        "</text>",
        series.css_class, x, x + 22, x + 28, escape_html(series.name));
    x += 48 + 7.2 * static_cast<double>(series.name.size());
  }
  return svg + "\n";
}

Frame make_frame(const ChartOptions& options) {
  Frame frame;
  for (const ChartSeries& series : options.series) {
    for (const Point& point : series.points) {
      if (!drawable(point)) continue;
      frame.x.add(point.first);
      frame.y.add(point.second);
    }
  }
  if (options.y_range) {
    frame.y.low = options.y_range->first;
    frame.y.high = options.y_range->second;
  }
  const double margin = std::max((frame.y.high - frame.y.low) * 0.06, std::abs(frame.y.high) * 1e-3);
  if (!options.y_range) {
    frame.y.low -= margin;
    frame.y.high += margin;
  }
  if (!(frame.y.high > frame.y.low)) frame.y.high = frame.y.low + 1.0;
  return frame;
}

}  // namespace

std::vector<double> nice_ticks(double low, double high, int count, bool whole) {
  const double span = high - low;
  if (!(span > 0) || !std::isfinite(span)) return {low};
  const double rough = span / count;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  double step = 10.0 * power;
  for (const double factor : {5.0, 2.0, 1.0}) {
    if (factor * power >= rough) step = factor * power;
  }
  if (whole) step = std::max(1.0, std::round(step));
  std::vector<double> ticks;
  const double first = std::ceil(low / step - 1e-9);
  for (double i = first; i * step <= high + 1e-9 * span; i += 1.0) ticks.push_back(i == 0.0 ? 0.0 : i * step);
  return ticks;
}

int digits_of_step(const std::vector<double>& ticks) {
  const double step = ticks.size() > 1 ? ticks[1] - ticks[0] : 1.0;
  return std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 6);
}

std::string line_chart(const ChartOptions& asked) {
  ChartOptions options = asked;
  if (options.log2_x) {
    for (ChartSeries& series : options.series) {
      for (Point& point : series.points) point.first = std::log2(point.first);
    }
  }
  const Frame frame = make_frame(options);
  if (!std::isfinite(frame.x.low)) return "";
  std::string svg = fmt::format(
      "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n"
      "<text class=\"title\" x=\"{}\" y=\"19\">{}</text>\n",
      kWidth, kHeight, escape_html(description(asked)), kLeft, escape_html(options.title));
  svg += axes(options, frame) + mark(options, frame);
  for (const ChartSeries& series : options.series) svg += draw(options, series, frame);
  return svg + legend(options) + "</svg>\n";
}

}  // namespace cloudmask
