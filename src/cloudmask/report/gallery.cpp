#include "cloudmask/report/gallery.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "cloudmask/base/error.h"
#include "cloudmask/base/log.h"
#include "cloudmask/base/parallel_for.h"
#include "cloudmask/report/evaluation.h"
#include "cloudmask/report/html_figure.h"
#include "cloudmask/report/html_text.h"
#include "cloudmask/report/quicklook.h"
#include "cloudmask/scene/mask_file.h"
#include "cloudmask/scene/scene_reader.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;

/// 20 scenes of five such pictures stay below 5 MB.
constexpr int kPictureSide_px = 240;
constexpr int kMaxScenesAtOnce = 8;

struct Entry {
  fs::path scene;
  fs::path mask;
  Json scores;      ///< of `scenes` of the evaluation; null when it has none
  double rank = 0;  ///< accuracy
};

std::string score_line(const Json& scores) {
  std::string line;
  const auto add = [&](const char* name, const char* comparison) {
    const double accuracy = number_in(object_in(scores, comparison), "accuracy");
    if (std::isnan(accuracy)) return;
    line += fmt::format("{}{} {}", line.empty() ? "" : " · ", name, percent(accuracy, 1));
  };
  add("against truth", "against_truth");
  add("against label", "against_bayes");
  add("label against truth", "labels_against_truth");
  return line;
}

std::string article(const Entry& entry, View view) {
  const Scene scene = read_scene(entry.scene, {.view = view});
  const MaskContent content = read_mask(entry.mask, scene);
  const Mask& mask = content.mask;
  const bool day = scene_in_daylight(scene);
  std::string html = fmt::format("<article>\n<h3>{}</h3>\n<p class=\"facts\">{}{}{}</p>\n<div class=\"pictures\">\n",
                                 escape_html(scene.name), day ? "day" : "night", entry.scores.is_object() ? " · " : "",
                                 escape_html(score_line(entry.scores)));
  html += figure(false_colour(scene, kPictureSide_px), day ? "False colour" : "Night microphysics", scene.name);
  html += figure(thermal(scene, kPictureSide_px), "Thermal", scene.name);
  if (!scene.label.empty()) {
    html += figure(class_picture(scene, scene.label, kPictureSide_px), "Label", scene.name);
  }
  html += figure(mask_picture(mask, kPictureSide_px), "Mask", scene.name);
  const auto& reference = scene.truth.empty() ? scene.label : scene.truth;
  if (!reference.empty()) {
    html += figure(disagreement(mask, reference, content.origin.threshold, kPictureSide_px),
                   scene.truth.empty() ? "Mask against label" : "Mask against truth", scene.name);
  }
  return html + "</div>\n</article>\n";
}

double accuracy_of(const Json& scores) {
  const double truth = number_in(object_in(scores, "against_truth"), "accuracy");
  return std::isnan(truth) ? number_in(object_in(scores, "against_bayes"), "accuracy") : truth;
}

std::vector<Entry> find_entries(const RunHistory& history, const GalleryOptions& options) {
  std::map<std::string, Json> scores;
  if (history.evaluation.is_object() && history.evaluation.contains("scenes")) {
    for (const Json& scene : history.evaluation["scenes"]) scores[text_in(scene, "name")] = scene;
  }
  std::vector<Entry> entries;
  for (const fs::path& scene : find_scenes(options.scenes)) {
    const fs::path mask = find_mask(options.masks, scene, options.view);
    if (!mask_counts(mask, options.model)) continue;
    const auto found = scores.find(scene.filename().string());
    Entry entry{scene, mask, found == scores.end() ? Json() : found->second, 0};
    entry.rank = accuracy_of(entry.scores);
    entries.push_back(std::move(entry));
  }
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return (std::isnan(a.rank) ? 2.0 : a.rank) < (std::isnan(b.rank) ? 2.0 : b.rank);
  });
  return entries;
}

/// The worst and the best half.
void shorten(std::vector<Entry>& entries, int max_scenes) {
  const auto keep = static_cast<std::size_t>(std::max(max_scenes, 0));
  if (entries.size() <= keep) return;
  const auto worst = static_cast<std::ptrdiff_t>(keep - keep / 2);
  entries.erase(entries.begin() + worst, entries.end() - static_cast<std::ptrdiff_t>(keep / 2));
}

std::string legend() {
  return "<ul class=\"legend\">\n" + swatch(kCloudColour, "cloud") + swatch(kClearColour, "clear") +
         swatch(kClearColour, kCloudColour, "mask: probability of cloud, 0 to 1") +
         swatch(kFalseCloudColour, "cloud in the mask only") +
         swatch(kMissedCloudColour, "cloud that the mask misses") + swatch(kMissingColour, "no data") + "</ul>\n";
}

}  // namespace

std::string gallery_section(const RunHistory& history, const GalleryOptions& options) {
  std::string html = "<section aria-labelledby=\"gallery\">\n<h2 id=\"gallery\">Scenes</h2>\n";
  std::vector<Entry> entries;
  try {
    entries = find_entries(history, options);
  } catch (const Error& error) {
    return html + fmt::format("<p>No pictures: {}</p>\n</section>\n", escape_html(error.what()));
  }
  if (entries.empty()) return html + "<p>No pictures: no scene has a mask.</p>\n</section>\n";
  const std::size_t all = entries.size();
  shorten(entries, options.max_scenes);
  std::vector<std::string> articles(entries.size());
  parallel_for(
      entries.size(),
      [&](std::size_t i) {
        try {
          articles[i] = article(entries[i], options.view);
        } catch (const Interrupted&) {
          throw;
        } catch (const Error& error) {
          log_warning(std::string("left out of the report: ") + error.what());
        }
      },
      std::min(available_threads(), kMaxScenesAtOnce));
  html += fmt::format("<p>{}, the one with the lowest accuracy first.</p>\n",
                      entries.size() == all ? "All scenes with a mask"
                                            : fmt::format("The {} worst and best of {} scenes", entries.size(), all));
  html += legend();
  for (const std::string& text : articles) html += text;
  return html + "</section>\n";
}

}  // namespace cloudmask
