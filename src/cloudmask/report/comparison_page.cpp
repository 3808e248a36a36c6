#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "cloudmask/base/files.h"
#include "cloudmask/base/version.h"
#include "cloudmask/report/comparison.h"
#include "cloudmask/report/comparison_gallery.h"
#include "cloudmask/report/html_page.h"
#include "cloudmask/report/html_text.h"
#include "cloudmask/report/interval_chart.h"

namespace cloudmask {
namespace {

std::string cell(const Estimate& estimate) {
  if (!std::isfinite(estimate.low)) return fixed(estimate.value, 4);
  return fmt::format("{} ({} to {})", fixed(estimate.value, 4), fixed(estimate.low, 3), fixed(estimate.high, 3));
}

std::string pair_name(const Comparison& comparison, const MethodDifference& pair) {
  return comparison.methods[pair.first].name + " − " + comparison.methods[pair.second].name;
}

/// For a heading.
std::string scenes_of(Part part) { return part == kAll ? "All scenes" : part == kDay ? "Day scenes" : "Night scenes"; }

/// F1 and IoU, which tell the same story, are left to the JSON.
std::string score_table(const Comparison& comparison, Part part) {
  const PartComparison& compared = comparison.parts[part];
  if (compared.pixels == 0) return "";
  HtmlTable table;
  table.caption = fmt::format("{}: {}", scenes_of(part), compared.scenes);
  table.head = {"Method"};
  for (const Method& method : comparison.methods) table.rows.push_back({method.name});
  for (int score = kAccuracy; score <= kFalseAlarmRate; ++score) {
    table.head.emplace_back(kComparedScores[score].title);
    for (std::size_t m = 0; m < table.rows.size(); ++m) table.rows[m].push_back(cell(compared.methods[m][score]));
  }
  return to_html(table);
}

/// One score over several parts; empty when none has pixels.
std::string part_table(const Comparison& comparison, const char* caption, ScoreIndex score, Part first, Part last) {
  HtmlTable table;
  table.caption = caption;
  table.head = {"Method"};
  for (const Method& method : comparison.methods) table.rows.push_back({method.name});
  for (int part = first; part <= last; ++part) {
    if (comparison.parts[part].pixels == 0) continue;
    table.head.emplace_back(kPartNames[part]);
    for (std::size_t m = 0; m < table.rows.size(); ++m) {
      table.rows[m].push_back(cell(comparison.parts[part].methods[m][score]));
    }
  }
  return table.head.size() > 1 ? to_html(table) : "";
}

std::string score_chart(const Comparison& comparison, Part part, ScoreIndex score) {
  IntervalChart chart{
      fmt::format("{}: {}", scenes_of(part), kComparedScores[score].title), kComparedScores[score].title, {}};
  for (std::size_t m = 0; m < comparison.methods.size(); ++m) {
    chart.rows.emplace_back(comparison.methods[m].name, comparison.parts[part].methods[m][score]);
  }
  return to_svg(chart);
}

std::string scores_section(const Comparison& comparison) {
  std::string html =
      "<section aria-labelledby=\"scores\">\n<h2 id=\"scores\">Scores</h2>\n<p>Cloud is the positive class. Every "
      "method is judged on the same pixels: those with data, a known reference and a value in every mask. True skill "
      "is "
      "hit rate minus false-alarm rate.</p>\n<div class=\"charts\">\n";
  html += score_chart(comparison, kAll, kAccuracy) + score_chart(comparison, kAll, kTrueSkill) +
          score_chart(comparison, kDay, kTrueSkill) + score_chart(comparison, kNight, kTrueSkill) + "</div>\n";
  for (const Part part : {kAll, kDay, kNight}) html += score_table(comparison, part);
  return html + "</section>\n";
}

std::string difference_chart(const Comparison& comparison, ScoreIndex score) {
  IntervalChart chart{fmt::format("All scenes: {}", kComparedScores[score].title), "first method − second", {}, true};
  for (const MethodDifference& pair : comparison.parts[kAll].differences) {
    chart.rows.emplace_back(pair_name(comparison, pair), pair.scores[score]);
  }
  return to_svg(chart);
}

std::string differences_section(const Comparison& comparison) {
  const auto& parts = comparison.parts;
  if (parts[kAll].differences.empty()) return "";
  HtmlTable table;
  table.caption = "First method minus second";
  table.head = {"Pair"};
  for (const MethodDifference& pair : parts[kAll].differences) table.rows.push_back({pair_name(comparison, pair)});
  for (const auto& [part, score] : kShownDifferences) {
    if (parts[part].pixels == 0) continue;
    table.head.push_back(fmt::format("{}, {}", kComparedScores[score].title, kPartNames[part]));
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
      table.rows[i].push_back(cell(parts[part].differences[i].scores[score]));
    }
  }
  return "<section aria-labelledby=\"differences\">\n<h2 id=\"differences\">Differences</h2>\n<p>Paired: both methods "
         "over the same draws of scenes. An interval without 0 tells the two apart.</p>\n<div class=\"charts\">\n" +
         difference_chart(comparison, kAccuracy) + difference_chart(comparison, kTrueSkill) + "</div>\n" +
         to_html(table) + "</section>\n";
}

std::string parts_section(const Comparison& comparison) {
  const std::string surfaces = part_table(comparison, "True skill by surface", kTrueSkill, kSea, kSeaIce) +
                               part_table(comparison, "Hit rate by surface", kHitRate, kSea, kSeaIce) +
                               part_table(comparison, "False-alarm rate by surface", kFalseAlarmRate, kSea, kSeaIce);
  const std::string kinds = part_table(comparison, "Hit rate by kind of cloud", kHitRate, kStratus, kCirrus);
  if (surfaces.empty() && kinds.empty()) {
    return "<section aria-labelledby=\"parts\">\n<h2 id=\"parts\">Surfaces and clouds</h2>\n<p>These scenes know "
           "neither their surface nor their kinds of cloud.</p>\n</section>\n";
  }
  return "<section aria-labelledby=\"parts\">\n<h2 id=\"parts\">Surfaces and clouds</h2>\n" + surfaces + kinds +
         "</section>\n";
}

}  // namespace

void write_comparison_page(const std::filesystem::path& file, const Comparison& comparison,
                           const ComparisonOptions& options, int gallery_scenes) {
  HtmlPage page;
  page.title = "Cloud masks compared";
  page.under = fmt::format(
      "cloudmask {} · {} scenes of {} · {} view · against {} · in brackets {:.0f} % intervals, from drawing "
      "the scenes anew {} times",
      kVersion, comparison.scenes.size(), options.scenes.string(), to_string(comparison.view),
      comparison.against_truth ? "truth" : "labels", 100 * kConfidence, kResamples);
  page.sections = {{"scores", "Scores"}};
  if (comparison.methods.size() > 1) page.sections.emplace_back("differences", "Differences");
  page.sections.emplace_back("parts", "Surfaces and clouds");
  page.sections.emplace_back("gallery", "Scenes");
  page.body = scores_section(comparison) + differences_section(comparison) + parts_section(comparison) +
              comparison_gallery(comparison, options, gallery_scenes);
  page.foot = "Made by cloudmask compare. All of this page is in this file.";
  write_file_atomically(file, to_html(page));
}

}  // namespace cloudmask
