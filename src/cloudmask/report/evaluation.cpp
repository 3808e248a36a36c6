#include "cloudmask/report/evaluation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "cloudmask/base/error.h"
#include "cloudmask/base/log.h"
#include "cloudmask/base/parallel_for.h"
#include "cloudmask/scene/mask_file.h"
#include "cloudmask/scene/scene_reader.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;

/// A scene in memory and the copies made while reading it take about 300 MB.
constexpr int kMaxScenesAtOnce = 8;

struct Pair {
  fs::path scene;
  fs::path mask;
};

struct PairResult {
  SceneScores scores;
  ScoreSet label, summary, truth, label_truth;
  std::string failure;
};

bool is_land(std::uint8_t surface) {
  return surface == static_cast<std::uint8_t>(Surface::kLand) ||
         surface == static_cast<std::uint8_t>(Surface::kDesert) || surface == static_cast<std::uint8_t>(Surface::kSnow);
}

bool is_sea(std::uint8_t surface) {
  return surface == static_cast<std::uint8_t>(Surface::kSea) || surface == static_cast<std::uint8_t>(Surface::kSeaIce);
}

void count_calibration(ScoreSet& set, float probability, std::uint8_t reference) {
  if (reference == kUnknown || std::isnan(probability)) return;
  const auto bin = std::min<std::size_t>(static_cast<std::size_t>(probability * 10.0F), set.calibration.size() - 1);
  ++set.calibration[bin].pixels;
  set.calibration[bin].cloud_pixels += reference == kCloud ? 1 : 0;
  set.calibration[bin].probability_sum += static_cast<double>(probability);
}

/// `probability` and `reference` have a value for each pixel of the scene, or `reference` is empty.
ScoreSet compare(const Scene& scene, bool day, const std::vector<float>& probability,
                 const std::vector<std::uint8_t>& reference, double threshold) {
  ScoreSet set;
  if (reference.empty()) return set;
  set.all.add(probability, reference, threshold);
  (day ? set.day : set.night) = set.all;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    count_calibration(set, probability[i], reference[i]);
    if (scene.surface.empty()) continue;
    if (is_land(scene.surface[i])) set.land.add(probability[i], reference[i], threshold);
    if (is_sea(scene.surface[i])) set.sea.add(probability[i], reference[i], threshold);
  }
  return set;
}

std::vector<float> as_probability(const Scene& scene, const std::vector<std::uint8_t>& classes) {
  std::vector<float> probability(classes.size());
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const bool known = classes[i] != kUnknown && !pixel_missing(scene, i);
    probability[i] = known ? static_cast<float>(classes[i]) : std::nanf("");
  }
  return probability;
}

PairResult compare_pair(const Pair& pair, const EvaluationOptions& options) {
  const Scene scene = read_scene(pair.scene, {.view = options.view});
  MaskContent content = read_mask(pair.mask, scene);
  std::vector<float>& probability = content.mask.cloud_probability;
  PairResult result;
  SceneScores& scores = result.scores;
  scores.name = scene.name;
  scores.day = scene_in_daylight(scene);
  scores.threshold = options.threshold.value_or(content.origin.threshold);
  for (std::size_t i = 0; i < probability.size(); ++i) {
    if (pixel_missing(scene, i)) {
      probability[i] = std::nanf("");
    } else if (std::isnan(probability[i])) {
      ++scores.unjudged_pixels;
    }
  }
  result.label = compare(scene, scores.day, probability, scene.label, scores.threshold);
  result.summary = compare(scene, scores.day, probability, scene.summary, scores.threshold);
  result.truth = compare(scene, scores.day, probability, scene.truth, scores.threshold);
  if (!scene.truth.empty() && !scene.label.empty()) {
    result.label_truth = compare(scene, scores.day, as_probability(scene, scene.label), scene.truth, 0.5);
  }
  scores.against_label = score(result.label.all);
  scores.against_summary = score(result.summary.all);
  scores.against_truth = score(result.truth.all);
  scores.label_against_truth = score(result.label_truth.all);
  return result;
}

/// Splits scenes into those with and without a mask, and finds masks that belong to no scene.
std::vector<Pair> find_pairs(const EvaluationOptions& options, Evaluation& evaluation) {
  std::error_code failure;
  if (!fs::is_directory(options.masks, failure)) {
    throw Error(fmt::format("{}: no such folder of masks; `cloudmask infer` makes one", options.masks.string()));
  }
  std::vector<Pair> pairs;
  std::set<fs::path> known;
  for (const fs::path& scene : find_scenes(options.scenes)) {
    const fs::path mask = find_mask(options.masks, scene, options.view);
    for (const View view : {View::kNadir, View::kOblique}) {
      for (const MaskFormat format : {MaskFormat::kHdf5, MaskFormat::kNetcdf}) {
        known.insert(mask_path({}, scene, view, format));
      }
    }
    if (mask_counts(mask, options.model)) {
      pairs.push_back({scene, mask});
    } else {
      evaluation.scenes_without_mask.push_back(scene.filename().string());
    }
  }
  for (const auto& entry : fs::directory_iterator(options.masks)) {
    // A model file may lie in the same folder.
    const std::string name = entry.path().filename().string();
    const fs::path extension = entry.path().extension();
    const bool is_mask = name.rfind("S3", 0) == 0 && (extension == ".h5" || extension == ".nc");
    if (is_mask && known.count(name) == 0) evaluation.masks_without_scene.push_back(name);
  }
  std::sort(evaluation.masks_without_scene.begin(), evaluation.masks_without_scene.end());
  if (pairs.empty()) {
    const std::string name = result_name("X", options.view);
    throw Error(fmt::format(
        "{0}: none of the {1} scenes of {2} has a mask there{3} (the mask of scene X in the {4} view is "
        "{5}.h5 or {5}.nc; {5}.tif is a map, on another grid); run `cloudmask infer` on these scenes first",
        options.masks.string(), evaluation.scenes_without_mask.size(), options.scenes.string(),
        options.model.empty() ? "" : " that is newer than " + options.model.string(), to_string(options.view), name));
  }
  return pairs;
}

void warn(const Evaluation& evaluation) {
  for (const std::string& name : evaluation.scenes_without_mask) log_warning(name + ": scene has no mask");
  for (const std::string& name : evaluation.masks_without_scene) log_warning(name + ": mask has no scene");
  for (const std::string& failure : evaluation.failures) log_warning(failure);
  for (const SceneScores& scene : evaluation.scenes) {
    if (scene.unjudged_pixels > 0) {
      log_warning(fmt::format("{}: {} pixels with data have no value in the mask and are in no score", scene.name,
                              scene.unjudged_pixels));
    }
  }
}

void require_scores(const Evaluation& evaluation, const EvaluationOptions& options) {
  if (evaluation.scenes.empty()) throw Error("no mask could be compared: " + evaluation.failures.front());
  if (evaluation.chosen().all.pixels() > 0) return;
  const auto [name, remedy] = options.against == Reference::kTruth
                                  ? std::pair("truth", "only synthetic scenes do: compare with --against bayes")
                              : options.against == Reference::kSummary
                                  ? std::pair("summary", "only ESA's products do: compare with --against bayes")
                                  : std::pair("bayes", "nothing to compare with");
  throw Error(
      fmt::format("{}: no scene that has a mask carries valid `{}`; {}", options.scenes.string(), name, remedy));
}

}  // namespace

const ScoreSet& Evaluation::chosen() const {
  if (against == Reference::kTruth) return truth;
  return against == Reference::kSummary ? summary : label;
}

void ScoreSet::merge(const ScoreSet& other) {
  all.merge(other.all);
  day.merge(other.day);
  night.merge(other.night);
  land.merge(other.land);
  sea.merge(other.sea);
  for (std::size_t i = 0; i < calibration.size(); ++i) {
    calibration[i].pixels += other.calibration[i].pixels;
    calibration[i].cloud_pixels += other.calibration[i].cloud_pixels;
    calibration[i].probability_sum += other.calibration[i].probability_sum;
  }
}

bool mask_counts(const fs::path& mask, const fs::path& model) {
  std::error_code fault;
  const auto written = fs::last_write_time(mask, fault);
  if (fault) return false;
  const auto trained = fs::last_write_time(model, fault);
  return fault || written >= trained;
}

Evaluation evaluate(const EvaluationOptions& options) {
  const double threshold = options.threshold.value_or(0.0);
  if (std::isnan(threshold) || threshold < 0.0 || threshold > 1.0) {
    throw UsageError(fmt::format("threshold: got {}, takes a probability from 0 to 1", threshold));
  }
  Evaluation evaluation;
  evaluation.against = options.against;
  evaluation.view = options.view;
  const std::vector<Pair> pairs = find_pairs(options, evaluation);
  std::vector<PairResult> results(pairs.size());
  parallel_for(
      pairs.size(),
      [&](std::size_t i) {
        try {
          results[i] = compare_pair(pairs[i], options);
        } catch (const Interrupted&) {
          throw;
        } catch (const Error& error) {
          results[i].failure = error.what();
        }
      },
      std::min(available_threads(), kMaxScenesAtOnce));
  for (PairResult& result : results) {  // in the order of the scenes: the same sums on any number of threads
    if (!result.failure.empty()) {
      evaluation.failures.push_back(std::move(result.failure));
      continue;
    }
    evaluation.label.merge(result.label);
    evaluation.summary.merge(result.summary);
    evaluation.truth.merge(result.truth);
    evaluation.label_truth.merge(result.label_truth);
    evaluation.scenes.push_back(std::move(result.scores));
  }
  warn(evaluation);
  require_scores(evaluation, options);
  return evaluation;
}

}  // namespace cloudmask
