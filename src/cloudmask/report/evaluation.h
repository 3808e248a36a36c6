#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cloudmask/config/options.h"
#include "cloudmask/metrics/scores.h"

namespace cloudmask {

/// What masks are judged by.
enum class Reference { kLabel, kSummary, kTruth };

struct EvaluationOptions {
  std::filesystem::path masks;   ///< folder of masks, `<scene file name>.h5` or `.nc` each
  std::filesystem::path scenes;  ///< folder of scenes (searched), or one scene
  Reference against = Reference::kLabel;
  std::optional<double> threshold;  ///< empty: what each mask says it was made for
  std::filesystem::path model;      ///< masks older than this file count as not there; empty: all count
  View view = View::kNadir;         ///< of scenes and masks
};

/// Pixels whose probability lies in one tenth of 0..1: a calibrated mask has equal mean and fraction.
struct CalibrationBin {
  std::uint64_t pixels = 0;
  std::uint64_t cloud_pixels = 0;
  double probability_sum = 0;
};

/// One raster judged by another. A scene counts as day or night as a whole (scene_in_daylight): a single dark pixel of
/// a day scene is deep shade or calm sea rather than night. Land (desert and snow included) and sea (sea ice included)
/// go by pixel and only where the scene knows its surface.
struct ScoreSet {
  PixelCounts all, day, night, land, sea;
  std::array<CalibrationBin, 10> calibration{};
  void merge(const ScoreSet& other);
};

struct SceneScores {
  std::string name;
  bool day = true;
  double threshold = 0.5;
  std::uint64_t unjudged_pixels = 0;  ///< have data, but the mask is NaN there: in no score
  Scores against_label;               ///< pixels is 0 where the scene has no label
  Scores against_summary;
  Scores against_truth;
  Scores label_against_truth;  ///< how good the scene's own label is
};

/// What `cloudmask evaluate` finds. Missing pixels are in no score.
struct Evaluation {
  Reference against = Reference::kLabel;
  View view = View::kNadir;
  ScoreSet label;        ///< masks against labels
  ScoreSet summary;      ///< masks against the provider's threshold tests, where scenes have them
  ScoreSet truth;        ///< masks against truth, where scenes have it
  ScoreSet label_truth;  ///< labels against truth: a network is good when it beats these
  std::vector<SceneScores> scenes;
  std::vector<std::string> masks_without_scene;
  std::vector<std::string> scenes_without_mask;
  std::vector<std::string> failures;  ///< one line for each pair that could not be compared

  const ScoreSet& chosen() const;
};

/// False for a mask that is not there or older than `model`, which another model made then. An empty or missing `model`
/// tells nothing.
bool mask_counts(const std::filesystem::path& mask, const std::filesystem::path& model);

/// Compares each scene with its mask, a few scenes at a time. Scenes without mask and pairs that cannot be compared are
/// warned of and listed. Throws Error when no pair is left or none carries what is to be compared with, and UsageError
/// for a threshold outside 0..1.
Evaluation evaluate(const EvaluationOptions& options);

/// The JSON contract of `evaluate --json`: `all`, `day`, `night`, `land`, `sea`, `scenes` hold the chosen comparison;
/// `against_bayes`, `against_summary`, `against_truth`, `labels_against_truth` all of them (null where there is none).
/// NaN is null.
std::string evaluation_json(const Evaluation& evaluation);

/// Tables for people, ending with a line end.
std::string evaluation_text(const Evaluation& evaluation);

}  // namespace cloudmask
