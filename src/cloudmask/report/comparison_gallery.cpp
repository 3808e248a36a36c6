#include "cloudmask/report/comparison_gallery.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cloudmask/base/parallel_for.h"
#include "cloudmask/report/html_figure.h"
#include "cloudmask/report/html_text.h"
#include "cloudmask/report/quicklook.h"
#include "cloudmask/scene/scene_reader.h"

namespace cloudmask {
namespace {

/// Six scenes with four methods, 12 pictures each, stay below 4 MB.
constexpr int kPictureSide_px = 240;
constexpr int kMaxScenesAtOnce = 8;

// Pixels on which the methods differ: from few that call them cloud to most.
constexpr Rgb kFewColour{0, 114, 178};
constexpr Rgb kMostColour{240, 228, 66};

Image votes(const std::vector<MethodMask>& masks) {
  const Mask& first = masks.front().mask;
  return render({first.height_px, first.width_px}, kPictureSide_px, [&](std::size_t pixel) {
    std::size_t clouds = 0;
    for (const MethodMask& method : masks) {
      if (!method.judges(pixel)) return kMissingColour;
      if (method.calls_cloud(pixel)) ++clouds;
    }
    if (clouds == 0) return kClearColour;
    if (clouds == masks.size()) return kCloudColour;
    return mix(kFewColour, kMostColour, static_cast<float>(clouds) / static_cast<float>(masks.size()));
  });
}

std::string facts(const Comparison& comparison, const ComparedScene& scene) {
  std::string line =
      fmt::format("{} · methods differ on {}", scene.day ? "day" : "night", percent(scene.disagreement, 1));
  for (std::size_t m = 0; m < comparison.methods.size(); ++m) {
    line += fmt::format(" · {} {}", comparison.methods[m].name, percent(score(scene.counts[m][kAll]).accuracy, 1));
  }
  return line;
}

std::string article(const Comparison& comparison, const ComparisonOptions& options, const ComparedScene& compared) {
  const Scene scene = read_scene(compared.file, {.view = options.view});
  const std::vector<MethodMask> masks = read_method_masks(scene, comparison.methods, options.threshold);
  const std::vector<std::uint8_t>& reference = comparison.against_truth ? scene.truth : scene.label;
  std::string html = fmt::format("<article>\n<h3>{}</h3>\n<p class=\"facts\">{}</p>\n<div class=\"pictures paired\">\n",
                                 escape_html(scene.name), escape_html(facts(comparison, compared)));
  html +=
      figure(false_colour(scene, kPictureSide_px), compared.day ? "False colour" : "Night microphysics", scene.name);
  html += figure(thermal(scene, kPictureSide_px), "Thermal", scene.name);
  html += figure(class_picture(scene, reference, kPictureSide_px), comparison.against_truth ? "Truth" : "Label",
                 scene.name);
  html += figure(votes(masks), "Where methods differ", scene.name);
  for (std::size_t m = 0; m < masks.size(); ++m) {
    const std::string& name = comparison.methods[m].name;
    html += figure(mask_picture(masks[m].mask, kPictureSide_px), name, scene.name);
    html += figure(disagreement(masks[m].mask, reference, masks[m].threshold, kPictureSide_px), name + ": errors",
                   scene.name);
  }
  return html + "</div>\n</article>\n";
}

std::string legend() {
  return "<ul class=\"legend\">\n" + swatch(kCloudColour, "cloud") + swatch(kClearColour, "clear") +
         swatch(kClearColour, kCloudColour, "mask: probability of cloud, 0 to 1") +
         swatch(kFewColour, kMostColour, "methods differ: few to most call it cloud") +
         swatch(kFalseCloudColour, "cloud in the mask only") +
         swatch(kMissedCloudColour, "cloud that the mask misses") + swatch(kMissingColour, "no data") + "</ul>\n";
}

}  // namespace

std::string comparison_gallery(const Comparison& comparison, const ComparisonOptions& options, int max_scenes) {
  std::vector<const ComparedScene*> scenes;
  scenes.reserve(comparison.scenes.size());
  for (const ComparedScene& scene : comparison.scenes) scenes.push_back(&scene);
  std::stable_sort(scenes.begin(), scenes.end(),
                   [](const ComparedScene* a, const ComparedScene* b) { return a->disagreement > b->disagreement; });
  scenes.resize(std::min(scenes.size(), static_cast<std::size_t>(std::max(max_scenes, 0))));
  std::vector<std::string> articles(scenes.size());
  parallel_for(
      scenes.size(), [&](std::size_t i) { articles[i] = article(comparison, options, *scenes[i]); },
      std::min(available_threads(), kMaxScenesAtOnce));
  std::string html = fmt::format(
      "<section aria-labelledby=\"gallery\">\n<h2 id=\"gallery\">Scenes</h2>\n<p>{} of {} scenes, the one on which the "
      "methods differ most first. Per cent behind a method: its accuracy in this scene.</p>\n",
      scenes.size(), comparison.scenes.size());
  html += legend();
  for (const std::string& text : articles) html += text;
  return html + "</section>\n";
}

}  // namespace cloudmask
