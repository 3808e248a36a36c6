#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "cloudmask/report/comparison.h"

namespace cloudmask {
namespace {

constexpr std::size_t kCellWidth = 25;

std::string cell(const Estimate& estimate) {
  if (std::isnan(estimate.value)) return "-";
  if (std::isnan(estimate.low)) return fmt::format("{:.4f}", estimate.value);
  return fmt::format("{:.4f} [{:.4f} {:.4f}]", estimate.value, estimate.low, estimate.high);
}

/// Rows of a name and as many cells as the head has.
struct TextTable {
  std::string title;
  std::vector<std::string> head;
  std::vector<std::pair<std::string, std::vector<std::string>>> rows;
};

std::string to_line(const std::string& name, std::size_t name_width, const std::vector<std::string>& cells) {
  std::string line = fmt::format("{:<{}}", name, name_width);
  for (const std::string& value : cells) line += fmt::format("  {:<{}}", value, kCellWidth);
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string to_text(const TextTable& table, std::size_t name_width) {
  std::string text = "\n" + to_line(table.title, name_width, table.head);
  for (const auto& [name, cells] : table.rows) text += to_line("  " + name, name_width, cells);
  return text;
}

TextTable score_table(const Comparison& comparison, Part part) {
  const PartComparison& compared = comparison.parts[part];
  TextTable table{fmt::format("{} ({} scenes)", kPartNames[part], compared.scenes), {}, {}};
  for (int score = kAccuracy; score <= kFalseAlarmRate; ++score) table.head.push_back(kComparedScores[score].key);
  for (std::size_t m = 0; m < comparison.methods.size(); ++m) {
    std::vector<std::string> cells;
    for (int score = kAccuracy; score <= kFalseAlarmRate; ++score) cells.push_back(cell(compared.methods[m][score]));
    table.rows.emplace_back(comparison.methods[m].name, std::move(cells));
  }
  return table;
}

/// One score over several parts; those without pixels are left out.
TextTable part_table(const Comparison& comparison, const char* title, ScoreIndex score, Part first, Part last) {
  TextTable table{title, {}, {}};
  for (const Method& method : comparison.methods) table.rows.push_back({method.name, {}});
  for (int part = first; part <= last; ++part) {
    if (comparison.parts[part].pixels == 0) continue;
    table.head.emplace_back(kPartNames[part]);
    for (std::size_t m = 0; m < comparison.methods.size(); ++m) {
      table.rows[m].second.push_back(cell(comparison.parts[part].methods[m][score]));
    }
  }
  return table;
}

TextTable difference_table(const Comparison& comparison) {
  TextTable table{"differences", {}, {}};
  const auto& parts = comparison.parts;
  for (const MethodDifference& pair : parts[kAll].differences) {
    table.rows.push_back(
        {fmt::format("{} - {}", comparison.methods[pair.first].name, comparison.methods[pair.second].name), {}});
  }
  for (const auto& [part, score] : kShownDifferences) {
    if (parts[part].pixels == 0) continue;
    table.head.push_back(fmt::format("{}, {}", kComparedScores[score].key, kPartNames[part]));
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
      table.rows[i].second.push_back(cell(parts[part].differences[i].scores[score]));
    }
  }
  return table;
}

}  // namespace

std::string comparison_text(const Comparison& comparison) {
  std::vector<TextTable> tables;
  for (const Part part : {kAll, kDay, kNight}) {
    if (comparison.parts[part].pixels > 0) tables.push_back(score_table(comparison, part));
  }
  tables.push_back(difference_table(comparison));
  tables.push_back(part_table(comparison, "true skill", kTrueSkill, kSea, kSeaIce));
  tables.push_back(part_table(comparison, "hits", kHitRate, kSea, kSeaIce));
  tables.push_back(part_table(comparison, "false alarms", kFalseAlarmRate, kSea, kSeaIce));
  tables.push_back(part_table(comparison, "hits", kHitRate, kStratus, kCirrus));
  std::string text = fmt::format(
      "{} scenes against {}, {} pixels that every method judges\n"
      "[{:.0f} % intervals from drawing the scenes anew, {} times]\n",
      comparison.scenes.size(), comparison.against_truth ? "truth" : "labels", comparison.parts[kAll].pixels,
      100 * kConfidence, kResamples);
  std::size_t name_width = 20;
  for (const TextTable& table : tables) {
    for (const auto& row : table.rows) name_width = std::max(name_width, row.first.size() + 4);
  }
  for (const TextTable& table : tables) {
    if (!table.head.empty() && !table.rows.empty()) text += to_text(table, name_width);
  }
  return text;
}

}  // namespace cloudmask
