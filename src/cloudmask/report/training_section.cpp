#include <fmt/format.h>

#include <cmath>

#include "cloudmask/report/html_sections.h"
#include "cloudmask/report/html_text.h"
#include "cloudmask/report/svg_chart.h"

namespace cloudmask {
namespace {

ChartSeries series(const RunHistory& history, const char* name, const char* css_class, const std::string& key) {
  ChartSeries made{name, css_class, {}};
  for (const Json& epoch : history.epochs) {
    made.points.emplace_back(number_in(epoch, "epoch"), number_in(epoch, key));
  }
  return made;
}

std::string charts(const RunHistory& history) {
  ChartOptions loss;
  loss.title = "Loss";
  loss.x_label = "epoch";
  loss.y_label = "cross entropy";
  loss.whole_x = true;
  ChartOptions accuracy = loss;
  loss.series = {series(history, "training", "series-1", "train_loss"),
                 series(history, "test", "series-2", "test_loss")};
  const double best = number_in(history.training_end, "best_epoch");
  if (best > 0) {
    loss.marked_x = best;
    loss.mark_label = "kept";
  }
  accuracy.marked_x = loss.marked_x;
  accuracy.mark_label = loss.mark_label;
  accuracy.title = "Accuracy against the labels";
  accuracy.y_label = "accuracy";
  accuracy.percent_y = true;
  accuracy.series = {series(history, "training", "series-1", "train_accuracy"),
                     series(history, "test", "series-2", "test_accuracy")};
  return "<div class=\"charts\">\n" + line_chart(accuracy) + line_chart(loss) + "</div>\n";
}

/// What is left of an epoch after the parts that were measured.
double other_s(const Json& epoch) {
  double rest_s = number_in(epoch, "time_s");
  for (const char* part : {"wait_data_s", "compute_s", "all_reduce_s", "evaluate_s"}) {
    const double part_s = number_in(epoch, part);
    if (!std::isnan(part_s)) rest_s -= part_s;
  }
  return rest_s < 0 ? 0 : rest_s;
}

double patches_per_s(const Json& epoch) {
  const double training_s = number_in(epoch, "time_s") - number_in(epoch, "evaluate_s");
  return training_s > 0 ? number_in(epoch, "patches") / training_s : std::nan("");
}

/// The charts' figures, for those who cannot see them or want the digits.
std::string learning_table(const RunHistory& history) {
  HtmlTable table;
  table.caption = "Losses and accuracies of each epoch";
  table.head = {"Epoch", "Training loss", "Test loss", "Training accuracy", "Test accuracy", "Learning rate"};
  for (const Json& epoch : history.epochs) {
    table.rows.push_back({fixed(number_in(epoch, "epoch"), 0), fixed(number_in(epoch, "train_loss"), 4),
                          fixed(number_in(epoch, "test_loss"), 4), percent(number_in(epoch, "train_accuracy")),
                          percent(number_in(epoch, "test_accuracy")), fixed(number_in(epoch, "learning_rate"), 6)});
  }
  return to_html(table);
}

std::string timing_table(const RunHistory& history) {
  HtmlTable table;
  table.caption = "Seconds per epoch and what they went into";
  table.head = {"Epoch", "Whole", "Waiting for data", "Computing", "All-reduce", "Evaluating", "Other", "Patches/s"};
  std::vector<double> sums(table.head.size() - 1, 0.0);
  for (const Json& epoch : history.epochs) {
    const std::vector<double> values{number_in(epoch, "time_s"),
                                     number_in(epoch, "wait_data_s"),
                                     number_in(epoch, "compute_s"),
                                     number_in(epoch, "all_reduce_s"),
                                     number_in(epoch, "evaluate_s"),
                                     other_s(epoch),
                                     patches_per_s(epoch)};
    std::vector<std::string> cells{fixed(number_in(epoch, "epoch"), 0)};
    for (std::size_t i = 0; i < values.size(); ++i) {
      sums[i] += values[i];
      cells.push_back(fixed(values[i], 2));
    }
    table.rows.push_back(std::move(cells));
  }
  table.foot = {"Mean"};
  for (const double sum : sums) table.foot.push_back(fixed(sum / static_cast<double>(history.epochs.size()), 2));
  return to_html(table);
}

std::string facts(const RunHistory& history) {
  const Json& end = history.training_end;
  HtmlTable table;
  table.caption = "Training as a whole";
  table.text_columns = true;
  const Json& start = history.training_start;
  table.rows = {{"Scenes trained on", count_text(number_in(start, "training_scenes"))},
                {"Scenes tested on", count_text(number_in(start, "test_scenes"))},
                {"Patches a step", count_text(number_in(start, "batch_size"))},
                {"Epochs run, of those asked for",
                 fmt::format("{} of {}", history.epochs.size(), fixed(number_in(start, "epochs_configured"), 0))}};
  if (end.is_object()) {
    table.rows.push_back({"Ended because of", text_in(end, "stopped_because")});
    table.rows.push_back({"Epoch whose weights were kept", fixed(number_in(end, "best_epoch"), 0)});
    table.rows.push_back({"Time to target accuracy", seconds_text(number_in(end, "time_to_accuracy_s"))});
    table.rows.push_back({"Largest memory", bytes_text(number_in(end, "peak_memory_bytes"))});
    const double energy_j = number_in(end, "energy_j");
    table.rows.push_back(
        {"Energy", std::isnan(energy_j) ? "not told by this machine" : fixed(energy_j / 1000, 2) + " kJ"});
  }
  return to_html(table);
}

}  // namespace

std::string training_section(const RunHistory& history) {
  std::string html = "<section aria-labelledby=\"training\">\n<h2 id=\"training\">Training</h2>\n";
  if (history.epochs.empty()) return html + "<p>No epoch has been trained in this run.</p>\n</section>\n";
  return html + charts(history) + facts(history) + learning_table(history) + timing_table(history) + "</section>\n";
}

}  // namespace cloudmask
