#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cloudmask/config/options.h"
#include "cloudmask/metrics/bootstrap.h"
#include "cloudmask/metrics/scores.h"
#include "cloudmask/report/method_masks.h"

namespace cloudmask {

struct ComparisonOptions {
  std::filesystem::path scenes;     ///< folder of scenes (searched), or one scene
  std::vector<Method> methods;      ///< with folders of masks; the labels join by themselves
  bool against_truth = true;        ///< false: against the labels, `bayes`
  std::optional<double> threshold;  ///< empty: what each mask says it was made for
  View view = View::kNadir;         ///< of scenes and masks
};

/// The name under which the labels of the scenes are compared when truth judges.
inline constexpr const char* kLabelsMethod = "labels";

/// What pixels are told apart by. Day and night go by scene (scene_in_daylight), the others by pixel and only where the
/// scene knows: Scene::surface, and `cloud_kind` of synthetic scenes, whose kinds hold cloudy pixels alone.
enum Part {
  kAll,
  kDay,
  kNight,
  kSea,
  kLand,
  kDesert,
  kSnow,
  kSeaIce,
  kStratus,
  kCumulus,
  kMid,
  kDeep,
  kCirrus,
  kParts
};
inline constexpr std::array<const char*, kParts> kPartNames = {
    "all", "day", "night", "sea", "land", "desert", "snow", "sea ice", "stratus", "cumulus", "mid", "deep", "cirrus"};

struct ComparedScore {
  const char* key;    ///< in JSON
  const char* title;  ///< for people
  double Scores::*value;
};
inline constexpr std::array<ComparedScore, 7> kComparedScores = {
    {{"accuracy", "Accuracy", &Scores::accuracy},
     {"balanced_accuracy", "Balanced accuracy", &Scores::balanced_accuracy},
     {"true_skill", "True skill", &Scores::true_skill},
     {"hit_rate", "Hit rate", &Scores::hit_rate},
     {"false_alarm_rate", "False-alarm rate", &Scores::false_alarm_rate},
     {"f1", "F1", &Scores::f1},
     {"iou", "IoU", &Scores::iou}}};
/// Places in kComparedScores and so in ScoreEstimates.
enum ScoreIndex { kAccuracy, kBalancedAccuracy, kTrueSkill, kHitRate, kFalseAlarmRate };

/// The differences shown to people; JSON has all.
inline constexpr std::array<std::pair<Part, ScoreIndex>, 4> kShownDifferences = {
    {{kAll, kAccuracy}, {kAll, kTrueSkill}, {kDay, kTrueSkill}, {kNight, kTrueSkill}}};

using ScoreEstimates = std::array<Estimate, kComparedScores.size()>;

/// `first` minus `second`, on the same scenes and the same draws of them.
struct MethodDifference {
  std::size_t first = 0;  ///< of Comparison::methods
  std::size_t second = 0;
  ScoreEstimates scores;
};

struct PartComparison {
  std::size_t scenes = 0;  ///< with a pixel of this part; without two there are no intervals
  std::uint64_t pixels = 0;
  std::vector<ScoreEstimates> methods;
  std::vector<MethodDifference> differences;  ///< every pair once
};

struct ComparedScene {
  std::filesystem::path file;
  std::string name;
  bool day = true;
  std::vector<std::array<PixelCounts, kParts>> counts;  ///< one a method
  std::vector<std::uint64_t> unjudged_pixels;  ///< one a method: have data and a reference, but no value in its mask
  double disagreement = 0;  ///< share of the compared pixels on which the methods differ among themselves
};

/// What `cloudmask compare` finds. Every method is judged on the same pixels: those with data, a known reference and a
/// value in every mask.
struct Comparison {
  bool against_truth = true;
  View view = View::kNadir;
  std::vector<Method> methods;  ///< the labels first, when they take part
  std::vector<ComparedScene> scenes;
  std::array<PartComparison, kParts> parts;
};

/// Reads the scenes, a few at a time, with the masks of all methods. Throws UsageError for methods without or with
/// equal names and for a threshold outside 0..1; Error when a scene lacks a mask, truth or label that is needed (a
/// comparison on fewer scenes than asked for would be taken for another), or a file cannot be read.
Comparison compare(const ComparisonOptions& options);

/// Tables for people, ending with a line end.
std::string comparison_text(const Comparison& comparison);

/// The JSON contract of `compare --json`, in docs/logs.md. NaN is null.
std::string comparison_json(const Comparison& comparison);

/// One page that needs no other file and no network: tables, charts, and the `gallery_scenes` scenes on which the
/// methods differ most. Reads these scenes and their masks again. Throws Error.
void write_comparison_page(const std::filesystem::path& file, const Comparison& comparison,
                           const ComparisonOptions& options, int gallery_scenes);

}  // namespace cloudmask
