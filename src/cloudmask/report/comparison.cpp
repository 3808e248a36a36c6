#include "cloudmask/report/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "cloudmask/base/error.h"
#include "cloudmask/base/log.h"
#include "cloudmask/base/parallel_for.h"
#include "cloudmask/report/comparison_estimates.h"
#include "cloudmask/scene/named_raster.h"
#include "cloudmask/scene/scene_reader.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;

/// A scene in memory takes about 300 MB with the copies made while reading it, and each mask 7.
constexpr int kMaxScenesAtOnce = 8;

constexpr std::size_t kSurfaces = 6;  ///< those of Surface, and not known
constexpr std::size_t kKinds = 6;     ///< of `cloud_kind`; 0 is none or not known

void check_options(const ComparisonOptions& options) {
  const double threshold = options.threshold.value_or(0.0);
  if (std::isnan(threshold) || threshold < 0.0 || threshold > 1.0) {
    throw UsageError(fmt::format("threshold: got {}, takes a probability from 0 to 1", threshold));
  }
  if (options.methods.empty()) throw UsageError("compare: no method is named; takes NAME=MASKS, one or more");
  std::set<std::string> names;
  if (options.against_truth) names.insert(kLabelsMethod);
  for (const Method& method : options.methods) {
    if (method.name.empty() || method.masks.empty()) {
      throw UsageError(
          fmt::format("{}={}: takes NAME=MASKS, a name and a folder of masks", method.name, method.masks.string()));
    }
    if (!names.insert(method.name).second) {
      throw UsageError(fmt::format("{}={}: {}; choose another name", method.name, method.masks.string(),
                                   method.name == kLabelsMethod
                                       ? "the labels of the scenes are compared under this name"
                                       : "the name is given twice"));
    }
  }
}

/// All faults that the headers show, before the long work: a missing mask, or nothing to judge by.
void require_files(const std::vector<fs::path>& files, const ComparisonOptions& options) {
  for (const Method& method : options.methods) {
    std::size_t missing = 0;
    fs::path first;
    for (const fs::path& file : files) {
      const fs::path mask = find_mask(method.masks, file, options.view);
      std::error_code ignored;
      if (fs::exists(mask, ignored)) continue;
      if (missing++ == 0) first = mask;
    }
    if (missing == 0) continue;
    throw Error(
        fmt::format("{}: no such mask of method {} ({} of {} scenes have none); make the masks of all scenes, "
                    "or leave the method out",
                    first.string(), method.name, missing, files.size()));
  }
}

/// The labels first when truth judges and all scenes have them.
std::vector<Method> all_methods(const std::vector<fs::path>& files, const ComparisonOptions& options) {
  bool labelled = true;
  for (const fs::path& file : files) {
    const SceneInfo info = inspect_scene(file, {.view = options.view});
    labelled = labelled && info.has_label;
    if (options.against_truth ? info.has_truth : info.has_label) continue;
    throw Error(fmt::format("{}: dataset {} is missing; {}", file.string(), options.against_truth ? "truth" : "bayes",
                            options.against_truth ? "only synthetic scenes have it: compare with --against bayes"
                                                  : "nothing to compare the masks with"));
  }
  std::vector<Method> methods = options.methods;
  if (options.against_truth && labelled) methods.insert(methods.begin(), {kLabelsMethod, {}});
  return methods;
}

std::size_t surface_of(const Scene& scene, std::size_t pixel) {
  return scene.surface.empty() ? kSurfaces - 1 : std::min<std::size_t>(scene.surface[pixel], kSurfaces - 1);
}

std::size_t kind_of(const std::vector<float>& kinds, std::size_t pixel) {
  const float kind = kinds.empty() ? 0.0F : kinds[pixel];
  return kind > 0 && kind < static_cast<float>(kKinds) ? static_cast<std::size_t>(kind) : 0;  // false for NaN
}

/// Counts of one method, by surface and kind: each pixel once.
using Cells = std::array<std::array<PixelCounts, kKinds>, kSurfaces>;

std::array<PixelCounts, kParts> sum_up(const Cells& cells, bool day) {
  std::array<PixelCounts, kParts> parts{};
  for (std::size_t surface = 0; surface < kSurfaces; ++surface) {
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
      const PixelCounts& cell = cells[surface][kind];
      parts[kAll].merge(cell);
      if (surface + 1 < kSurfaces) parts[kSea + surface].merge(cell);
      if (kind > 0) parts[kStratus + kind - 1].merge(cell);
    }
  }
  parts[day ? kDay : kNight] = parts[kAll];
  return parts;
}

ComparedScene count(const fs::path& file, const std::vector<Method>& methods, const ComparisonOptions& options) {
  const Scene scene = read_scene(file, {.view = options.view});
  const std::vector<float> kinds = read_named_raster(file, "cloud_kind", scene);
  const std::vector<MethodMask> masks = read_method_masks(scene, methods, options.threshold);
  const std::vector<std::uint8_t>& reference = options.against_truth ? scene.truth : scene.label;
  ComparedScene result;
  result.file = file;
  result.name = scene.name;
  result.day = scene_in_daylight(scene);
  result.unjudged_pixels.resize(masks.size());
  std::vector<Cells> cells(masks.size());
  std::uint64_t compared = 0;
  std::uint64_t disagreed = 0;
  for (std::size_t pixel = 0; pixel < scene.pixels(); ++pixel) {
    if (reference[pixel] == kUnknown || pixel_missing(scene, pixel)) continue;
    std::size_t clouds = 0;
    bool complete = true;
    for (std::size_t m = 0; m < masks.size(); ++m) {
      const bool judged = masks[m].judges(pixel);
      if (!judged) ++result.unjudged_pixels[m];
      complete = complete && judged;
      if (masks[m].calls_cloud(pixel)) ++clouds;
    }
    if (!complete) continue;
    ++compared;
    if (clouds > 0 && clouds < masks.size()) ++disagreed;
    const std::size_t surface = surface_of(scene, pixel);
    const std::size_t kind = kind_of(kinds, pixel);
    for (std::size_t m = 0; m < masks.size(); ++m) {
      cells[m][surface][kind].add(masks[m].mask.cloud_probability[pixel], reference[pixel], masks[m].threshold);
    }
  }
  for (const Cells& one : cells) result.counts.push_back(sum_up(one, result.day));
  if (compared > 0) result.disagreement = static_cast<double>(disagreed) / static_cast<double>(compared);
  return result;
}

void warn_of_unjudged(const Comparison& comparison) {
  for (const ComparedScene& scene : comparison.scenes) {
    for (std::size_t m = 0; m < comparison.methods.size(); ++m) {
      if (scene.unjudged_pixels[m] == 0) continue;
      log_warning(fmt::format("{}: {} pixels with data have no value in the mask of {} and count for no method",
                              scene.name, scene.unjudged_pixels[m], comparison.methods[m].name));
    }
  }
}

}  // namespace

Comparison compare(const ComparisonOptions& options) {
  check_options(options);
  const std::vector<fs::path> files = find_scenes(options.scenes);
  require_files(files, options);
  Comparison comparison;
  comparison.against_truth = options.against_truth;
  comparison.view = options.view;
  comparison.methods = all_methods(files, options);
  comparison.scenes.resize(files.size());
  parallel_for(
      files.size(), [&](std::size_t i) { comparison.scenes[i] = count(files[i], comparison.methods, options); },
      std::min(available_threads(), kMaxScenesAtOnce));
  warn_of_unjudged(comparison);
  comparison.parts = estimate_parts(comparison.scenes);
  if (comparison.parts[kAll].pixels == 0) {
    throw Error(fmt::format("{}: no pixel has data, a known {} and a value in every mask", options.scenes.string(),
                            options.against_truth ? "truth" : "label"));
  }
  return comparison;
}

}  // namespace cloudmask
