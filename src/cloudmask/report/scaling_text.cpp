#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cloudmask/report/scaling_report.h"

namespace cloudmask {
namespace {

/// Rows of cells, the first row the head; columns as wide as they need, to the right but for the first.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> head) { add(std::move(head)); }
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  std::string text() const {
    std::vector<std::size_t> widths(rows_.front().size(), 0);
    for (const auto& row : rows_) {
      for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    std::string text;
    for (const auto& row : rows_) {
      for (std::size_t i = 0; i < row.size(); ++i) text += fmt::format("  {:>{}}", row[i], widths[i]);
      text += '\n';
    }
    return text;
  }

 private:
  std::vector<std::vector<std::string>> rows_;
};

std::string number(double value, const char* format) {
  return std::isfinite(value) ? fmt::format(fmt::runtime(format), value) : "-";
}

std::string with_interval(const Estimate& estimate, double factor, const char* format) {
  std::string value = number(factor * estimate.value, format);
  if (!std::isfinite(estimate.low) || estimate.low == estimate.high) return value;
  return fmt::format("{} [{} {}]", value, number(factor * estimate.low, format),
                     number(factor * estimate.high, format));
}

std::string series_text(const ScalingSeries& series) {
  TextTable table({"ranks", "nodes", "batch", "runs", "epoch s", "compute", "sums", "data", "evaluate", "other",
                   "efficiency %", "to accuracy s", "efficiency %"});
  for (const ScalingPoint& point : series.points) {
    table.add({std::to_string(point.layout.ranks()), std::to_string(point.layout.nodes),
               std::to_string(point.batch_size), std::to_string(point.runs), with_interval(point.epoch_s, 1, "{:.3f}"),
               number(point.compute_s, "{:.3f}"), number(point.sums_s, "{:.3f}"), number(point.wait_data_s, "{:.3f}"),
               number(point.evaluate_s, "{:.3f}"), number(point.other_s(), "{:.3f}"),
               with_interval(point.efficiency, 100, "{:.1f}"), with_interval(point.time_to_accuracy_s, 1, "{:.1f}"),
               with_interval(point.efficiency_to_accuracy, 100, "{:.1f}")});
  }
  return fmt::format("\n{} scaling, {} patches a step {}; seconds of an epoch, per epoch and to accuracy:\n",
                     series.strong ? "strong" : "weak", series.batch, series.strong ? "over all ranks" : "and rank") +
         table.text();
}

std::string checks_text(const Forecast& forecast) {
  if (forecast.checks.empty()) return "\nno number of ranks could be left out to check the model\n";
  TextTable table({"left out", "nodes", "batch", "runs", "measured ms", "predicted ms", "error %", "within"});
  for (const LeftOutCheck& check : forecast.checks) {
    const bool known = std::isfinite(check.predicted_s.low);
    const bool within = check.measured_s >= check.predicted_s.low && check.measured_s <= check.predicted_s.high;
    table.add({fmt::format("{} ranks", check.layout.ranks()), std::to_string(check.layout.nodes),
               std::to_string(check.batch_size), std::to_string(check.runs), number(1e3 * check.measured_s, "{:.1f}"),
               with_interval(check.predicted_s, 1e3, "{:.1f}"), number(100 * check.error(), "{:+.1f}"),
               known ? (within ? "yes" : "no") : "-"});
  }
  return "\nthe model's steps, checked on numbers of ranks left out of its fit:\n" + table.text();
}

std::string forecast_text(const char* title, const std::vector<ForecastPoint>& points) {
  if (points.empty()) return "";
  TextTable table({"ranks", "nodes", "batch", "step ms", "work", "sums", "slowest", "evaluate s", "epoch s",
                   "patches/s", "efficiency %"});
  for (const ForecastPoint& point : points) {
    table.add({std::to_string(point.layout.ranks()), std::to_string(point.layout.nodes),
               number(point.batch_size, "{:.0f}"), number(1e3 * point.step.step_s(), "{:.2f}"),
               number(1e3 * point.step.work_s, "{:.2f}"), number(1e3 * point.step.sums_s, "{:.2f}"),
               number(1e3 * point.step.slowest_s, "{:.2f}"), number(point.evaluate_s, "{:.3f}"),
               with_interval(point.epoch_s, 1, "{:.3g}"), number(point.patches_per_s, "{:.0f}"),
               with_interval(point.efficiency, 100, "{:.1f}")});
  }
  return fmt::format("\nforecast, {} scaling:\n", title) + table.text();
}

std::string group_text(const ScalingGroup& group, const Forecast& forecast) {
  std::string text = fmt::format("\n{} runs: {}\n", group.runs.size(), group.settings);
  for (const ScalingSeries& series : group.series) text += series_text(series);
  if (group.series.empty()) {
    text += "  of one number of ranks only, or of batches that go with no other: no scaling to show\n";
  }
  if (forecast.fit.training.empty()) return text + "  " + forecast.assumptions.front() + "\n";
  text += checks_text(forecast) + forecast_text("strong", forecast.strong) + forecast_text("weak", forecast.weak);
  text += "\nassumptions:\n";
  for (const std::string& sentence : forecast.assumptions) text += "- " + sentence + "\n";
  return text;
}

}  // namespace

std::string scaling_text(const ScalingReport& report) {
  std::string text = fmt::format("{}: {} runs used, {} left out\n", report.folder.string(), report.files.runs.size(),
                                 report.files.skipped.size());
  for (const SkippedRun& run : report.files.skipped) text += fmt::format("  left out {}: {}\n", run.name, run.reason);
  for (std::size_t i = 0; i < report.groups.size(); ++i) {
    text += group_text(report.groups[i], report.forecasts[i]);
  }
  return text;
}

}  // namespace cloudmask
