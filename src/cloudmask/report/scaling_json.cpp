#include "cloudmask/report/record_json.h"
#include "cloudmask/report/scaling_report.h"

namespace cloudmask {
namespace {

Json where(const RankLayout& layout) { return {{"ranks", layout.ranks()}, {"nodes", layout.nodes}}; }

Json to_json(const ScalingPoint& point) {
  Json json = where(point.layout);
  json.update({{"batch_size", point.batch_size},
               {"runs", point.runs},
               {"patches", number_or_null(point.patches)},
               {"steps", number_or_null(point.steps)},
               {"epoch_s", to_json(point.epoch_s)},
               {"compute_s", number_or_null(point.compute_s)},
               {"all_reduce_s", number_or_null(point.sums_s)},
               {"wait_data_s", number_or_null(point.wait_data_s)},
               {"evaluate_s", number_or_null(point.evaluate_s)},
               {"other_s", number_or_null(point.other_s())},
               {"efficiency", to_json(point.efficiency)},
               {"time_to_accuracy_s", to_json(point.time_to_accuracy_s)},
               {"efficiency_to_accuracy", to_json(point.efficiency_to_accuracy)}});
  return json;
}

Json to_json(const ScalingSeries& series) {
  Json json = {{"scaling", series.strong ? "strong" : "weak"},
               {series.strong ? "batch_size" : "batch_per_rank", series.batch},
               {"points", Json::array()}};
  for (const ScalingPoint& point : series.points) json["points"].push_back(to_json(point));
  return json;
}

Json to_json(const WorkTerms& work) {
  return {{"per_patch_s", number_or_null(work.per_patch_s)},
          {"contention", number_or_null(work.contention)},
          {"fixed_s", number_or_null(work.fixed_s)}};
}

Json to_json(const StepFit& fit) {
  const StepModel& model = fit.model;
  return {{"training", to_json(model.training)},
          {"evaluation", to_json(model.evaluation)},
          {"spread", fit.spreads.empty() ? Json(nullptr) : number_or_null(model.spread)},
          {"inside_latency_s", number_or_null(model.sums.inside_latency_s)},
          {"inside_s_per_byte", number_or_null(model.sums.inside_s_per_byte)},
          {"network_latency_s", number_or_null(model.sums.network_latency_s)},
          {"network_s_per_byte", number_or_null(model.sums.network_s_per_byte)},
          {"gradient_bytes", number_or_null(model.gradient_bytes)},
          {"gradient_messages", number_or_null(model.gradient_messages)},
          {"hiding_share", kHidingShare},
          {"residuals", fit.residuals}};
}

Json to_json(const LeftOutCheck& check) {
  Json json = where(check.layout);
  json.update({{"batch_size", check.batch_size},
               {"runs", check.runs},
               {"measured_step_s", number_or_null(check.measured_s)},
               {"predicted_step_s", to_json(check.predicted_s)},
               {"error", number_or_null(check.error())}});
  return json;
}

Json to_json(const std::vector<ForecastPoint>& points) {
  Json json = Json::array();
  for (const ForecastPoint& point : points) {
    Json entry = where(point.layout);
    entry.update({{"batch_size", point.batch_size},
                  {"step_s", number_or_null(point.step.step_s())},
                  {"work_s", number_or_null(point.step.work_s)},
                  {"sums_s", number_or_null(point.step.sums_s)},
                  {"slowest_s", number_or_null(point.step.slowest_s)},
                  {"evaluate_s", number_or_null(point.evaluate_s)},
                  {"epoch_s", to_json(point.epoch_s)},
                  {"patches_per_s", number_or_null(point.patches_per_s)},
                  {"efficiency", to_json(point.efficiency)}});
    json.push_back(std::move(entry));
  }
  return json;
}

Json to_json(const Forecast& forecast) {
  Json json = {{"measured_ranks", forecast.measured_ranks},
               {"model", forecast.fit.training.empty() ? Json(nullptr) : to_json(forecast.fit)},
               {"left_out", Json::array()},
               {"error_per_doubling", number_or_null(forecast.error_per_doubling)},
               {"strong", to_json(forecast.strong)},
               {"weak", to_json(forecast.weak)},
               {"assumptions", forecast.assumptions}};
  for (const LeftOutCheck& check : forecast.checks) json["left_out"].push_back(to_json(check));
  return json;
}

}  // namespace

std::string scaling_json(const ScalingReport& report) {
  Json json = {{"folder", report.folder.string()},
               {"cluster", report.cluster.name},
               {"confidence", kConfidence},
               {"left_out_runs", Json::array()},
               {"groups", Json::array()}};
  for (const SkippedRun& run : report.files.skipped) {
    json["left_out_runs"].push_back({{"name", run.name}, {"reason", run.reason}});
  }
  for (std::size_t i = 0; i < report.groups.size(); ++i) {
    Json group = {{"settings", report.groups[i].settings}, {"runs", Json::array()}, {"series", Json::array()}};
    for (const ScalingRun& run : report.groups[i].runs) group["runs"].push_back(run.name);
    for (const ScalingSeries& series : report.groups[i].series) group["series"].push_back(to_json(series));
    group["forecast"] = to_json(report.forecasts[i]);
    json["groups"].push_back(std::move(group));
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace cloudmask
