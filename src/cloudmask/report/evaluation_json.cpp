#include "cloudmask/report/evaluation_json.h"

#include <utility>

namespace cloudmask {
namespace {

Json scores_with_counts(const PixelCounts& counts) {
  Json json = to_json(score(counts));
  json["counts"] = {{"true_cloud", counts.true_cloud},
                    {"false_cloud", counts.false_cloud},
                    {"true_clear", counts.true_clear},
                    {"false_clear", counts.false_clear}};
  return json;
}

void put_parts(Json& json, const ScoreSet& set) {
  for (const auto& [name, counts] :
       {std::pair("all", &set.all), std::pair("day", &set.day), std::pair("night", &set.night),
        std::pair("land", &set.land), std::pair("sea", &set.sea)}) {
    json[name] = scores_with_counts(*counts);
  }
}

Json set_or_null(const ScoreSet& set) {
  if (set.all.pixels() == 0) return nullptr;
  Json json = Json::object();
  put_parts(json, set);
  json["calibration"] = Json::array();
  for (const CalibrationBin& bin : set.calibration) {
    const auto pixels = static_cast<double>(bin.pixels);
    json["calibration"].push_back({{"pixels", bin.pixels},
                                   {"mean_probability", number_or_null(bin.probability_sum / pixels)},
                                   {"cloud_fraction", number_or_null(static_cast<double>(bin.cloud_pixels) / pixels)}});
  }
  return json;
}

Json scores_or_null(const Scores& scores) { return scores.pixels == 0 ? Json(nullptr) : to_json(scores); }

const Scores& chosen_scores(const SceneScores& scene, Reference against) {
  if (against == Reference::kTruth) return scene.against_truth;
  return against == Reference::kSummary ? scene.against_summary : scene.against_label;
}

const char* name_of(Reference against) {
  if (against == Reference::kTruth) return "truth";
  return against == Reference::kSummary ? "summary" : "bayes";
}

Json scene_json(const SceneScores& scene, Reference against) {
  Json json = {{"name", scene.name}, {"day", scene.day}, {"threshold", scene.threshold}};
  json.update(to_json(chosen_scores(scene, against)));
  json["unjudged_pixels"] = scene.unjudged_pixels;
  json["against_bayes"] = scores_or_null(scene.against_label);
  json["against_summary"] = scores_or_null(scene.against_summary);
  json["against_truth"] = scores_or_null(scene.against_truth);
  json["labels_against_truth"] = scores_or_null(scene.label_against_truth);
  return json;
}

}  // namespace

Json to_json(const Evaluation& evaluation) {
  Json json = {{"against", name_of(evaluation.against)}, {"view", to_string(evaluation.view)}};
  put_parts(json, evaluation.chosen());
  json["against_bayes"] = set_or_null(evaluation.label);
  json["against_summary"] = set_or_null(evaluation.summary);
  json["against_truth"] = set_or_null(evaluation.truth);
  json["labels_against_truth"] = set_or_null(evaluation.label_truth);
  json["scenes"] = Json::array();
  for (const SceneScores& scene : evaluation.scenes) json["scenes"].push_back(scene_json(scene, evaluation.against));
  json["masks_without_scene"] = evaluation.masks_without_scene;
  json["scenes_without_mask"] = evaluation.scenes_without_mask;
  json["failures"] = evaluation.failures;
  return json;
}

std::string evaluation_json(const Evaluation& evaluation) {
  return to_json(evaluation).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace cloudmask
