#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "cloudmask/report/evaluation.h"

namespace cloudmask {
namespace {

std::string cell(double value) { return std::isnan(value) ? fmt::format("{:>9}", "-") : fmt::format("{:9.4f}", value); }

std::string row(const std::string& name, const Scores& scores, std::size_t width) {
  std::string line = fmt::format("{:<{}}", name, width);
  for (const double value : {scores.accuracy, scores.balanced_accuracy, scores.hit_rate, scores.false_alarm_rate,
                             scores.true_skill, scores.f1, scores.iou, scores.log_loss}) {
    line += cell(value);
  }
  return line + fmt::format("{:>12}\n", scores.pixels);
}

std::string head(const std::string& name, std::size_t width) {
  return fmt::format("{:<{}}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}{:>12}\n", name, width, "accuracy", "balanced",
                     "hits", "false", "skill", "F1", "IoU", "log loss", "pixels");
}

std::string table(const std::string& title, const ScoreSet& set) {
  constexpr std::size_t kWidth = 24;
  if (set.all.pixels() == 0) return "";
  std::string text = head(title, kWidth);
  for (const auto& [name, counts] :
       {std::pair("all", &set.all), std::pair("day", &set.day), std::pair("night", &set.night),
        std::pair("land", &set.land), std::pair("sea", &set.sea)}) {
    if (counts->pixels() > 0) text += row(std::string("  ") + name, score(*counts), kWidth);
  }
  return text;
}

std::pair<const char*, Scores SceneScores::*> scene_columns(Reference against) {
  if (against == Reference::kTruth) return {"scenes against truth", &SceneScores::against_truth};
  if (against == Reference::kSummary) return {"scenes against summary", &SceneScores::against_summary};
  return {"scenes against labels", &SceneScores::against_label};
}

}  // namespace

std::string evaluation_text(const Evaluation& evaluation) {
  std::string text =
      table("masks against labels", evaluation.label) + table("masks against summary", evaluation.summary) +
      table("masks against truth", evaluation.truth) + table("labels against truth", evaluation.label_truth);
  std::size_t width = 24;
  for (const SceneScores& scene : evaluation.scenes) width = std::max(width, scene.name.size() + 10);
  const auto [title, scores] = scene_columns(evaluation.against);
  text += "\n" + head(title, width);
  for (const SceneScores& scene : evaluation.scenes) {
    text += row(fmt::format("  {} {}", scene.name, scene.day ? "day" : "night"), scene.*scores, width);
  }
  if (!evaluation.scenes_without_mask.empty()) {
    text += fmt::format("\nscenes without mask: {}\n", evaluation.scenes_without_mask.size());
  }
  if (!evaluation.masks_without_scene.empty()) {
    text += fmt::format("\nmasks without scene: {}\n", evaluation.masks_without_scene.size());
  }
  for (const std::string& failure : evaluation.failures) text += "\nnot compared: " + failure + "\n";
  return text;
}

}  // namespace cloudmask
