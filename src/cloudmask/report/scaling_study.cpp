#include "cloudmask/report/scaling_study.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

namespace cloudmask {
namespace {

using Runs = std::vector<const ScalingRun*>;

std::vector<double> values_of(const Runs& runs, double ScalingRun::*field) {
  std::vector<double> values;
  for (const ScalingRun* run : runs) {
    if (!std::isnan(run->*field)) values.push_back(run->*field);
  }
  return values;
}

Estimate spread_of(const Runs& runs, double ScalingRun::*field) {
  const std::vector<double> values = values_of(runs, field);
  if (values.empty()) return {};
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return {median(values), *low, *high};
}

ScalingPoint point_of(const Runs& runs) {
  const auto middle = [&](double ScalingRun::*field) { return median(values_of(runs, field)); };
  ScalingPoint point;
  point.layout = runs.front()->layout;
  point.batch_size = runs.front()->batch_size;
  point.runs = static_cast<int>(runs.size());
  point.patches = middle(&ScalingRun::patches);
  point.steps = middle(&ScalingRun::steps);
  point.epoch_s = spread_of(runs, &ScalingRun::epoch_s);
  point.compute_s = middle(&ScalingRun::compute_s);
  point.sums_s = middle(&ScalingRun::sums_s);
  point.wait_data_s = middle(&ScalingRun::wait_data_s);
  point.evaluate_s = middle(&ScalingRun::evaluate_s);
  point.time_to_accuracy_s = spread_of(runs, &ScalingRun::time_to_accuracy_s);
  return point;
}

/// factor * base / own, with the interval from the extreme runs of both.
Estimate ratio(const Estimate& base, const Estimate& own, double factor) {
  return {factor * base.value / own.value, factor * base.low / own.high, factor * base.high / own.low};
}

void add_efficiencies(std::vector<ScalingPoint>& points) {
  const ScalingPoint base = points.front();
  for (ScalingPoint& point : points) {
    const double ranks = static_cast<double>(point.layout.ranks()) / base.layout.ranks();
    point.efficiency = ratio(base.epoch_s, point.epoch_s, point.patches / base.patches / ranks);
    point.efficiency_to_accuracy = ratio(base.time_to_accuracy_s, point.time_to_accuracy_s, 1 / ranks);
  }
  // By definition.
  for (Estimate* own : {&points.front().efficiency, &points.front().efficiency_to_accuracy}) {
    own->low = own->high = own->value;
  }
}

/// By ranks and machines.
using Points = std::map<std::pair<int, int>, Runs>;

std::vector<ScalingSeries> series_of(const std::vector<ScalingRun>& runs, bool strong) {
  std::map<int, Points> by_batch;
  for (const ScalingRun& run : runs) {
    const int ranks = run.layout.ranks();
    if (!strong && run.batch_size % ranks != 0) continue;
    const int batch = strong ? run.batch_size : run.batch_size / ranks;
    by_batch[batch][{ranks, run.layout.nodes}].push_back(&run);
  }
  std::vector<ScalingSeries> all;
  for (const auto& [batch, points] : by_batch) {
    if (points.begin()->first.first == points.rbegin()->first.first) continue;  // one number of ranks
    ScalingSeries& series = all.emplace_back(ScalingSeries{strong, batch, {}});
    for (const auto& [where, same] : points) series.points.push_back(point_of(same));
    add_efficiencies(series.points);
  }
  return all;
}

}  // namespace

std::vector<ScalingGroup> group_runs(const std::vector<ScalingRun>& runs) {
  std::map<std::string, ScalingGroup> groups;
  for (const ScalingRun& run : runs) {
    ScalingGroup& group = groups[run.settings];
    group.settings = run.settings;
    group.runs.push_back(run);
  }
  std::vector<ScalingGroup> all;
  for (auto& [settings, group] : groups) {
    for (const bool strong : {true, false}) {
      const auto series = series_of(group.runs, strong);
      group.series.insert(group.series.end(), series.begin(), series.end());
    }
    all.push_back(std::move(group));
  }
  return all;
}

double median(std::vector<double> values) {
  values.erase(std::remove_if(values.begin(), values.end(), [](double v) { return std::isnan(v); }), values.end());
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

}  // namespace cloudmask
