#include "cloudmask/report/comparison.h"
#include "cloudmask/report/record_json.h"

namespace cloudmask {
namespace {

Json to_json(const ScoreEstimates& estimates) {
  Json json = Json::object();
  for (std::size_t i = 0; i < estimates.size(); ++i) json[kComparedScores[i].key] = to_json(estimates[i]);
  return json;
}

Json part_json(const Comparison& comparison, const PartComparison& part) {
  if (part.pixels == 0) return nullptr;
  Json json = {{"scenes", part.scenes}, {"pixels", part.pixels}, {"methods", Json::object()}};
  for (std::size_t m = 0; m < comparison.methods.size(); ++m) {
    json["methods"][comparison.methods[m].name] = to_json(part.methods[m]);
  }
  json["differences"] = Json::array();
  for (const MethodDifference& pair : part.differences) {
    Json difference = {{"first", comparison.methods[pair.first].name},
                       {"second", comparison.methods[pair.second].name}};
    difference.update(to_json(pair.scores));
    json["differences"].push_back(std::move(difference));
  }
  return json;
}

Json scene_json(const Comparison& comparison, const ComparedScene& scene) {
  Json json = {{"name", scene.name}, {"day", scene.day}, {"disagreement", scene.disagreement}};
  for (std::size_t m = 0; m < comparison.methods.size(); ++m) {
    Json scores = to_json(score(scene.counts[m][kAll]));
    scores["unjudged_pixels"] = scene.unjudged_pixels[m];
    json["methods"][comparison.methods[m].name] = std::move(scores);
  }
  return json;
}

}  // namespace

std::string comparison_json(const Comparison& comparison) {
  Json json = {{"against", comparison.against_truth ? "truth" : "bayes"},
               {"view", to_string(comparison.view)},
               {"confidence", kConfidence},
               {"resamples", kResamples},
               {"seed", kResamplingSeed}};
  json["methods"] = Json::array();
  for (const Method& method : comparison.methods) {
    json["methods"].push_back({{"name", method.name}, {"masks", method.masks.string()}});
  }
  for (std::size_t part = 0; part < kParts; ++part) {
    json["parts"][kPartNames[part]] = part_json(comparison, comparison.parts[part]);
  }
  json["scenes"] = Json::array();
  for (const ComparedScene& scene : comparison.scenes) json["scenes"].push_back(scene_json(comparison, scene));
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace cloudmask
