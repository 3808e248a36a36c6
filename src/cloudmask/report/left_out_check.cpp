#include "cloudmask/report/left_out_check.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "cloudmask/report/scaling_study.h"

namespace cloudmask {
namespace {

using Runs = std::vector<const ScalingRun*>;

LeftOutCheck check(const StepFit& fit, const Runs& runs) {
  LeftOutCheck check;
  check.layout = runs.front()->layout;
  check.batch_size = runs.front()->batch_size;
  check.runs = static_cast<int>(runs.size());
  std::vector<double> measured_s;
  for (const ScalingRun* run : runs) measured_s.push_back(measured_step_s(*run));
  check.measured_s = median(measured_s);
  const double maximum = expected_maximum(check.layout.ranks());
  std::vector<double> draws;
  if (!fit.residuals.empty()) {
    Random random(kResamplingSeed);
    for (std::size_t i = 0; i < kResamples; ++i) {
      const double step_s = predicted_step_s(draw_model(fit, random), *runs.front(), maximum);
      draws.push_back(step_s * (1 + draw_residual(fit, random)));
    }
  }
  check.predicted_s = estimate(predicted_step_s(fit.model, *runs.front(), maximum), draws);
  return check;
}

/// How many doublings a count lies outside the others; 1 within them.
double doublings(int ranks, const std::set<int>& others) {
  const double beyond = std::max(std::log2(static_cast<double>(ranks) / *others.rbegin()),
                                 std::log2(static_cast<double>(*others.begin()) / ranks));
  return std::max(1.0, beyond);
}

}  // namespace

std::vector<LeftOutCheck> check_left_out(const std::vector<ScalingRun>& runs, const SumTerms& sums) {
  std::set<int> counts;
  for (const ScalingRun& run : runs) counts.insert(run.layout.ranks());
  std::vector<LeftOutCheck> checks;
  for (const int left_out : counts) {
    std::vector<ScalingRun> others;
    std::map<std::pair<int, int>, Runs> predicted;  // by machines and batch
    for (const ScalingRun& run : runs) {
      if (run.layout.ranks() == left_out) {
        predicted[{run.layout.nodes, run.batch_size}].push_back(&run);
      } else {
        others.push_back(run);
      }
    }
    StepFit fit = fit_steps(others, sums);
    if (fit.training.empty()) continue;
    if (fit.model.gradient_bytes == 0) {  // a network's size is no measurement of a number of ranks
      const StepModel all = fit_steps(runs, sums).model;
      fit.model.gradient_bytes = all.gradient_bytes;
      fit.model.gradient_messages = all.gradient_messages;
    }
    std::set<int> fitted;
    for (const WorkTime& work : fit.training) fitted.insert(work.layout.ranks());
    for (const auto& [where, same] : predicted) {
      checks.push_back(check(fit, same));
      checks.back().doublings = doublings(left_out, fitted);
    }
  }
  return checks;
}

double error_per_doubling(const std::vector<LeftOutCheck>& checks) {
  if (checks.empty()) return std::numeric_limits<double>::quiet_NaN();
  double sum = 0;
  for (const LeftOutCheck& check : checks) sum += std::pow(check.error() / check.doublings, 2);
  return std::sqrt(sum / static_cast<double>(checks.size()));
}

}  // namespace cloudmask
