#include <fmt/format.h>

#include <cmath>

#include "cloudmask/base/files.h"
#include "cloudmask/base/version.h"
#include "cloudmask/report/html_page.h"
#include "cloudmask/report/html_text.h"
#include "cloudmask/report/scaling_report.h"
#include "cloudmask/report/svg_chart.h"

namespace cloudmask {
namespace {

std::string interval(const Estimate& estimate, double factor, int digits) {
  std::string value = fixed(factor * estimate.value, digits);
  if (!std::isfinite(estimate.low) || estimate.low == estimate.high) return value;
  return fmt::format("{} ({} to {})", value, fixed(factor * estimate.low, digits),
                     fixed(factor * estimate.high, digits));
}

std::string name_of(const ScalingSeries& series) {
  return series.strong ? fmt::format("Strong scaling, {} patches a step", series.batch)
                       : fmt::format("Weak scaling, {} patches a step and rank", series.batch);
}

ChartOptions over_ranks(std::string title, std::string y_label) {
  ChartOptions chart;
  chart.title = std::move(title);
  chart.x_label = "ranks";
  chart.y_label = std::move(y_label);
  chart.whole_x = chart.log2_x = chart.percent_y = true;
  return chart;
}

std::string efficiency_chart(const ScalingSeries& series) {
  ChartOptions chart = over_ranks(name_of(series), "efficiency");
  ChartSeries epoch{"per epoch", "series-1", {}};
  ChartSeries accuracy{"to accuracy", "series-2", {}};
  for (const ScalingPoint& point : series.points) {
    const double ranks = point.layout.ranks();
    epoch.points.emplace_back(ranks, point.efficiency.value);
    if (std::isfinite(point.efficiency_to_accuracy.value)) {
      accuracy.points.emplace_back(ranks, point.efficiency_to_accuracy.value);
    }
  }
  chart.series = {epoch};
  if (!accuracy.points.empty()) chart.series.push_back(accuracy);
  chart.y_range = {0, 1.2};
  return line_chart(chart);
}

std::string parts_chart(const ScalingSeries& series) {
  ChartOptions chart = over_ranks("Where an epoch's time goes", "share of the epoch");
  chart.series = {{"computing", "series-1", {}},
                  {"sums", "series-2", {}},
                  {"data", "series-3", {}},
                  {"evaluating", "series-4", {}}};
  for (const ScalingPoint& point : series.points) {
    const double parts[] = {point.compute_s, point.sums_s, point.wait_data_s, point.evaluate_s};
    for (std::size_t i = 0; i < chart.series.size(); ++i) {
      chart.series[i].points.emplace_back(point.layout.ranks(), parts[i] / point.epoch_s.value);
    }
  }
  chart.y_range = {0, 1};
  return line_chart(chart);
}

std::string series_html(const ScalingSeries& series) {
  HtmlTable table;
  table.caption = name_of(series) + ": seconds of an epoch, efficiency in per cent";
  table.head = {"Ranks", "Machines",   "Batch", "Runs",       "Epoch",       "Computing", "Sums",
                "Data",  "Evaluating", "Other", "Efficiency", "To accuracy", "Efficiency"};
  for (const ScalingPoint& point : series.points) {
    table.rows.push_back({count_text(point.layout.ranks()), count_text(point.layout.nodes),
                          count_text(point.batch_size), count_text(point.runs), interval(point.epoch_s, 1, 3),
                          fixed(point.compute_s, 3), fixed(point.sums_s, 3), fixed(point.wait_data_s, 3),
                          fixed(point.evaluate_s, 3), fixed(point.other_s(), 3), interval(point.efficiency, 100, 1),
                          interval(point.time_to_accuracy_s, 1, 1), interval(point.efficiency_to_accuracy, 100, 1)});
  }
  return "<div class=\"charts\">\n" + efficiency_chart(series) + parts_chart(series) + "</div>\n" + to_html(table);
}

std::string checks_html(const Forecast& forecast) {
  if (forecast.checks.empty())
    return "<p class=\"notice\">No number of ranks could be left out to check the model.</p>\n";
  HtmlTable table;
  table.caption = "A step, predicted by the model of the other numbers of ranks, in milliseconds";
  table.head = {"Ranks left out", "Machines", "Batch", "Runs", "Measured", "Predicted", "Error (%)"};
  for (const LeftOutCheck& check : forecast.checks) {
    table.rows.push_back({count_text(check.layout.ranks()), count_text(check.layout.nodes),
                          count_text(check.batch_size), count_text(check.runs), fixed(1e3 * check.measured_s, 1),
                          interval(check.predicted_s, 1e3, 1), fixed(100 * check.error(), 1)});
  }
  return to_html(table);
}

std::string forecast_chart(const char* title, const std::vector<ForecastPoint>& points) {
  ChartOptions chart = over_ranks(title, "efficiency");
  ChartSeries value{"expected", "series-1", {}};
  ChartSeries low{"lowest", "guide", {}};
  ChartSeries high{"highest", "guide", {}};
  for (const ForecastPoint& point : points) {
    const double ranks = point.layout.ranks();
    value.points.emplace_back(ranks, point.efficiency.value);
    low.points.emplace_back(ranks, point.efficiency.low);
    high.points.emplace_back(ranks, point.efficiency.high);
  }
  chart.series = {value, low, high};
  chart.y_range = {0, 1.2};
  return line_chart(chart);
}

std::string forecast_table(const char* title, const std::vector<ForecastPoint>& points) {
  HtmlTable table;
  table.caption = fmt::format("{}: a step and its parts in milliseconds, an epoch in seconds", title);
  table.head = {"Ranks",        "Machines",       "Batch",     "Step",      "Work",          "Sums",
                "Slowest rank", "Evaluating (s)", "Epoch (s)", "Patches/s", "Efficiency (%)"};
  for (const ForecastPoint& point : points) {
    table.rows.push_back(
        {count_text(point.layout.ranks()), count_text(point.layout.nodes), count_text(point.batch_size),
         fixed(1e3 * point.step.step_s(), 2), fixed(1e3 * point.step.work_s, 2), fixed(1e3 * point.step.sums_s, 2),
         fixed(1e3 * point.step.slowest_s, 2), fixed(point.evaluate_s, 3), interval(point.epoch_s, 1, 2),
         count_text(point.patches_per_s), interval(point.efficiency, 100, 1)});
  }
  return to_html(table);
}

std::string forecast_html(const Forecast& forecast) {
  std::string html = "<h3>Forecast</h3>\n";
  if (!forecast.fit.training.empty()) {
    html += checks_html(forecast) + "<div class=\"charts\">\n" + forecast_chart("Forecast, strong", forecast.strong) +
            forecast_chart("Forecast, weak", forecast.weak) + "</div>\n" +
            forecast_table("Strong scaling", forecast.strong) + forecast_table("Weak scaling", forecast.weak);
  }
  html += "<ul>\n";
  for (const std::string& sentence : forecast.assumptions) html += "<li>" + escape_html(sentence) + "</li>\n";
  return html + "</ul>\n";
}

std::string group_html(const ScalingGroup& group, const Forecast& forecast, const std::string& id) {
  std::string html = fmt::format("<section aria-labelledby=\"{0}\">\n<h2 id=\"{0}\">{1} runs</h2>\n<p>{2}</p>\n", id,
                                 group.runs.size(), escape_html(group.settings));
  for (const ScalingSeries& series : group.series) html += series_html(series);
  if (group.series.empty()) {
    html += "<p>Of one number of ranks only, or of batches that go with no other: no scaling to show.</p>\n";
  }
  return html + forecast_html(forecast) + "</section>\n";
}

std::string skipped_html(const ScalingReport& report) {
  if (report.files.skipped.empty()) return "";
  HtmlTable table;
  table.caption = "Runs left out";
  table.head = {"Run", "Because"};
  table.text_columns = true;
  for (const SkippedRun& run : report.files.skipped) table.rows.push_back({run.name, run.reason});
  return "<section aria-labelledby=\"skipped\">\n<h2 id=\"skipped\">Left out</h2>\n" + to_html(table) + "</section>\n";
}

std::string cluster_html(const Cluster& cluster) {
  std::string html = "<section aria-labelledby=\"cluster\">\n<h2 id=\"cluster\">The machine of the forecast</h2>\n<p>" +
                     escape_html(cluster.name) + "</p>\n<ul>\n";
  for (const std::string& source : cluster.sources) html += "<li>" + escape_html(source) + "</li>\n";
  return html + "</ul>\n</section>\n";
}

}  // namespace

void write_scaling_page(const std::filesystem::path& file, const ScalingReport& report) {
  HtmlPage page;
  page.title = "Scaling of cloudmask";
  page.under =
      fmt::format("cloudmask {} · {} runs of {} · intervals: the extreme runs where measured, 95 % where forecast",
                  kVersion, report.files.runs.size(), report.folder.string());
  for (std::size_t i = 0; i < report.groups.size(); ++i) {
    const std::string id = fmt::format("group-{}", i + 1);
    page.sections.emplace_back(id, fmt::format("Runs {}", i + 1));
    page.body += group_html(report.groups[i], report.forecasts[i], id);
  }
  page.sections.emplace_back("cluster", "Machine of the forecast");
  page.body += cluster_html(report.cluster);
  if (!report.files.skipped.empty()) page.sections.emplace_back("skipped", "Left out");
  page.body += skipped_html(report);
  page.foot = "Made by cloudmask report --scaling. All of this page is in this file.";
  write_file_atomically(file, to_html(page));
}

}  // namespace cloudmask
