#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "cloudmask/report/html_sections.h"
#include "cloudmask/report/html_text.h"
#include "cloudmask/report/svg_chart.h"

namespace cloudmask {
namespace {

std::string title_of(const std::string& comparison) {
  if (comparison == "against_truth") return "Masks against truth";
  if (comparison == "against_bayes") return "Masks against labels";
  return "Labels against truth";
}

std::string score_table(const RunHistory& history, const std::string& comparison) {
  const Json& set = object_in(history.evaluation, comparison);
  if (!set.is_object()) return "";
  HtmlTable table;
  table.caption = title_of(comparison);
  table.head = {"Pixels of", "Accuracy", "Balanced accuracy", "Hit rate", "False-alarm rate", "True skill",
                "F1",        "IoU",      "Log loss",          "Pixels"};
  for (const auto& [part, name] :
       {std::pair("all", "all scenes"), std::pair("day", "day scenes"), std::pair("night", "night scenes"),
        std::pair("land", "land"), std::pair("sea", "sea")}) {
    const Json& scores = object_in(set, part);
    if (!(number_in(scores, "pixels") > 0)) continue;
    const bool has_log_loss = comparison != "labels_against_truth";  // labels are no probabilities
    table.rows.push_back({name, percent(number_in(scores, "accuracy")), percent(number_in(scores, "balanced_accuracy")),
                          percent(number_in(scores, "hit_rate")), percent(number_in(scores, "false_alarm_rate")),
                          fixed(number_in(scores, "true_skill"), 4), fixed(number_in(scores, "f1"), 4),
                          fixed(number_in(scores, "iou"), 4),
                          fixed(has_log_loss ? number_in(scores, "log_loss") : std::nan(""), 4),
                          count_text(number_in(scores, "pixels"))});
  }
  return to_html(table);
}

std::string matrix_cell(double count, double all, bool right) {
  const double share = all > 0 ? count / all : 0.0;
  return fmt::format("<td class=\"{}\" style=\"--share:{:.3f}\">{}<br><span>{}</span></td>", right ? "right" : "wrong",
                     share, escape_html(percent(share)), escape_html(count_text(count)));
}

std::string confusion_matrix(const RunHistory& history, const std::string& comparison) {
  const Json& counts = object_in(object_in(object_in(history.evaluation, comparison), "all"), "counts");
  if (!counts.is_object()) return "";
  const double hits = number_in(counts, "true_cloud");
  const double misses = number_in(counts, "false_clear");
  const double false_alarms = number_in(counts, "false_cloud");
  const double clears = number_in(counts, "true_clear");
  const double all = hits + misses + false_alarms + clears;
  const char* reference = comparison == "against_truth" ? "Truth" : "Label";
  const std::string caption = "Confusion matrix: " + title_of(comparison);
  return scrollable(
      caption,
      fmt::format(
          "<table class=\"matrix\">\n<caption>{}</caption>\n"
          "<thead><tr><td></td><th scope=\"col\">Mask: cloud</th><th scope=\"col\">Mask: clear</th></tr></thead>\n"
          "<tbody><tr><th scope=\"row\">{}: cloud</th>{}{}</tr>\n<tr><th scope=\"row\">{}: clear</th>{}{}</tr>"
          "</tbody>\n</table>",
          escape_html(caption), reference, matrix_cell(hits, all, true), matrix_cell(misses, all, false), reference,
          matrix_cell(false_alarms, all, false), matrix_cell(clears, all, true)));
}

std::string calibration_chart(const RunHistory& history, const std::string& comparison) {
  const Json& set = object_in(history.evaluation, comparison);
  if (!set.is_object() || !set.contains("calibration") || !set["calibration"].is_array()) return "";
  ChartOptions chart;
  chart.title = "Calibration";
  chart.x_label = "cloud probability of the mask";
  chart.y_label = comparison == "against_truth" ? "cloudy in truth" : "cloudy by label";
  chart.percent_y = true;
  chart.y_range = {0.0, 1.0};
  ChartSeries found{"masks", "series-1", {}};
  for (const Json& bin : set["calibration"]) {
    found.points.emplace_back(number_in(bin, "mean_probability"), number_in(bin, "cloud_fraction"));
  }
  chart.series = {{"perfect", "guide", {{0.0, 0.0}, {1.0, 1.0}}}, std::move(found)};
  return line_chart(chart);
}

}  // namespace

std::string score_section(const RunHistory& history) {
  std::string html = "<section aria-labelledby=\"scores\">\n<h2 id=\"scores\">Scores</h2>\n";
  if (!history.evaluation.is_object()) {
    return html +
           "<p>No masks have been compared with labels or truth: <code>cloudmask evaluate</code> does.</p>\n"
           "</section>\n";
  }
  html +=
      "<p>Cloud is the positive class. Missing pixels are in no score. Log loss clips probabilities at "
      "10<sup>-7</sup>.</p>\n";
  for (const char* comparison : {"against_truth", "against_bayes", "labels_against_truth"}) {
    html += score_table(history, comparison);
  }
  const bool truth = object_in(history.evaluation, "against_truth").is_object();
  const std::string comparison = truth ? "against_truth" : "against_bayes";
  return html + "<div class=\"charts\">\n" + confusion_matrix(history, comparison) +
         calibration_chart(history, comparison) + "</div>\n</section>\n";
}

}  // namespace cloudmask
