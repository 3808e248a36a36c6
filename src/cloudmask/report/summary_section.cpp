#include <fmt/format.h>

#include <cmath>

#include "cloudmask/report/html_sections.h"
#include "cloudmask/report/html_text.h"

namespace cloudmask {
namespace {

double accuracy(const RunHistory& history, const char* comparison, const char* part = "all") {
  return number_in(object_in(object_in(history.evaluation, comparison), part), "accuracy");
}

std::string tile(const std::string& label, const std::string& value, const std::string& detail) {
  return fmt::format("<div class=\"tile\"><dt>{}</dt><dd><strong>{}</strong> <span>{}</span></dd></div>\n",
                     escape_html(label), escape_html(value), escape_html(detail));
}

std::string day_and_night(const RunHistory& history, const char* comparison) {
  const double day = accuracy(history, comparison, "day");
  const double night = accuracy(history, comparison, "night");
  if (std::isnan(day) && std::isnan(night)) return "";
  return fmt::format("day {} · night {}", percent(day, 1), percent(night, 1));
}

/// "0.9 points better than" or "0.9 points worse than"
std::string compare_points(double mask, double label) {
  const double points = (mask - label) * 100.0;
  return fmt::format("{:.1f} points {} than", std::abs(points), points >= 0 ? "better" : "worse");
}

std::string verdict(const RunHistory& history) {
  const double against_truth = accuracy(history, "against_truth");
  const double labels = accuracy(history, "labels_against_truth");
  const double against_labels = accuracy(history, "against_bayes");
  if (std::isnan(against_truth)) {
    if (std::isnan(against_labels)) return "No masks have been compared with labels or truth yet.";
    return fmt::format(
        "The masks agree with the labels on {} of the pixels. The labels are a method's result too, with errors of "
        "their own: beyond their own accuracy, agreement with them is no merit.",
        percent(against_labels));
  }
  std::string text = fmt::format("The masks are right on {} of the pixels", percent(against_truth));
  if (std::isnan(labels)) return text + ".";
  text += fmt::format(", {} the labels ({}).", compare_points(against_truth, labels), percent(labels));
  for (const char* part : {"day", "night"}) {
    const double mask_part = accuracy(history, "against_truth", part);
    const double label_part = accuracy(history, "labels_against_truth", part);
    if (std::isnan(mask_part) || std::isnan(label_part)) continue;
    text += fmt::format(" By {}: {} against {}.", part, percent(mask_part), percent(label_part));
  }
  return text;
}

std::string status_sentence(const RunHistory& history) {
  if (history.status.empty()) return "This run has not ended: it is still going on, or was killed.";
  if (history.status == "success") return "";
  return "This run ended as: " + history.status + ".";
}

}  // namespace

std::string summary_section(const RunHistory& history) {
  std::string html = "<section aria-labelledby=\"summary\">\n<h2 id=\"summary\">Summary</h2>\n";
  const std::string status = status_sentence(history);
  if (!status.empty()) html += fmt::format("<p class=\"notice\">{}</p>\n", escape_html(status));
  for (const std::string& error : history.errors)
    html += fmt::format("<p class=\"notice\">{}</p>\n", escape_html(error));
  html += fmt::format("<p class=\"verdict\">{}</p>\n<dl class=\"tiles\">\n", escape_html(verdict(history)));

  if (!std::isnan(accuracy(history, "against_truth"))) {
    html += tile("Accuracy against truth", percent(accuracy(history, "against_truth")),
                 day_and_night(history, "against_truth"));
    html += tile("The labels' own accuracy", percent(accuracy(history, "labels_against_truth")),
                 day_and_night(history, "labels_against_truth"));
  }
  if (!std::isnan(accuracy(history, "against_bayes"))) {
    html += tile("Agreement with labels", percent(accuracy(history, "against_bayes")),
                 day_and_night(history, "against_bayes"));
  }
  if (history.training_end.is_object()) {
    html += tile("Test accuracy", percent(number_in(history.training_end, "best_test_accuracy")),
                 "best epoch " + fixed(number_in(history.training_end, "best_epoch"), 0));
    html += tile("Training", seconds_text(number_in(history.training_end, "time_s")),
                 std::to_string(history.epochs.size()) + " epochs of " +
                     seconds_text(number_in(history.training_end, "time_per_epoch_s")));
  }
  if (history.inference_end.is_object()) {
    html += tile("Inference", seconds_text(number_in(history.inference_end, "time_per_inference_s")),
                 "a scene, " + count_text(number_in(history.inference_end, "masked")) + " scenes in " +
                     seconds_text(number_in(history.inference_end, "time_s")));
  }
  return html + "</dl>\n</section>\n";
}

}  // namespace cloudmask
