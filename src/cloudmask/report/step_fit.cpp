#include "cloudmask/report/step_fit.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace cloudmask {
namespace {

double patches_a_step(const ScalingRun& run) { return run.patches / run.steps; }

/// Of the rank that tells its times; the others may have one more.
double patches_of_first(const ScalingRun& run) { return std::floor(patches_a_step(run) / run.layout.ranks() + 1e-9); }

double patches_of_fullest(const ScalingRun& run) { return std::ceil(patches_a_step(run) / run.layout.ranks() - 1e-9); }

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

void add_run(StepFit& fit, const ScalingRun& run) {
  const double work_s = (run.epoch_s - run.evaluate_s - run.sums_s) / run.steps;
  const double patches = patches_of_first(run);
  fit.training.push_back({run.layout, patches, work_s});
  if (run.test_patches > 0 && run.evaluate_s > 0) {
    const double steps = std::ceil(run.test_patches / run.batch_size);
    fit.evaluation.push_back({run.layout, run.test_patches / steps / run.layout.ranks(), run.evaluate_s / steps});
  }
  // Ranks of unequal shares differ by more than chance.
  if (run.spread_s >= 0 && patches == patches_of_fullest(run)) fit.spreads.push_back(run.spread_s / work_s);
}

WorkTerms fit_evaluation(const std::vector<WorkTime>& measured) {
  if (measured.empty()) return {.per_patch_s = std::numeric_limits<double>::quiet_NaN(), .contention = 0, .fixed_s = 0};
  return fit_work_terms(measured);
}

int terms_used(const WorkTerms& terms) {
  return static_cast<int>(terms.per_patch_s > 0) + static_cast<int>(terms.contention > 0) +
         static_cast<int>(terms.fixed_s > 0);
}

std::vector<WorkTime> drawn(const StepFit& fit, std::vector<WorkTime> measured, const WorkTerms& terms,
                            Random& random) {
  constexpr double kLeast = 0.05;  // a time is above 0, whatever was drawn
  for (WorkTime& work : measured) {
    work.time_s =
        work_s(terms, work.patches, work.layout.ranks_per_node) * std::max(kLeast, 1 + draw_residual(fit, random));
  }
  return measured;
}

}  // namespace

StepFit fit_steps(const std::vector<ScalingRun>& runs, const SumTerms& sums) {
  StepFit fit;
  std::vector<const ScalingRun*> used;
  for (const ScalingRun& run : runs) {
    if (patches_of_first(run) < 1) continue;
    add_run(fit, run);
    used.push_back(&run);
  }
  if (used.empty()) return fit;
  StepModel& model = fit.model;
  model.training = fit_work_terms(fit.training);
  model.evaluation = fit_evaluation(fit.evaluation);
  model.spread = fit.spreads.empty() ? 0 : mean(fit.spreads);
  model.sums = sums;
  // The same network in all of them; a single rank sends nothing.
  for (const ScalingRun* run : used) {
    if (!(run->gradient_bytes > 0) || !(run->gradient_messages >= 1)) continue;
    model.gradient_bytes = run->gradient_bytes;
    model.gradient_messages = run->gradient_messages;
  }
  const int terms = terms_used(model.training);
  const int count = static_cast<int>(used.size());
  if (count <= terms) return fit;
  for (const ScalingRun* run : used) {
    const double maximum = expected_maximum(run->layout.ranks());
    fit.residuals.push_back(measured_step_s(*run) / predicted_step_s(model, *run, maximum) - 1);
  }
  // Sums and waiting are not fitted, so that these need not have a mean of 0: what they miss is for the check to tell.
  const double centre = mean(fit.residuals);
  const double inflation = std::sqrt(static_cast<double>(count) / (count - terms));
  for (double& residual : fit.residuals) residual = inflation * (residual - centre);
  return fit;
}

double measured_step_s(const ScalingRun& run) { return (run.epoch_s - run.evaluate_s) / run.steps; }

double predicted_step_s(const StepModel& model, const ScalingRun& run, double maximum) {
  return step_times(model, run.layout, patches_of_fullest(run), maximum).step_s();
}

double draw_residual(const StepFit& fit, Random& random) {
  return fit.residuals.empty() ? 0 : fit.residuals[random.below(fit.residuals.size())];
}

StepModel draw_model(const StepFit& fit, Random& random) {
  StepModel model = fit.model;
  if (fit.residuals.empty()) return model;
  model.training = fit_work_terms(drawn(fit, fit.training, model.training, random));
  if (!fit.evaluation.empty()) {
    model.evaluation = fit_work_terms(drawn(fit, fit.evaluation, model.evaluation, random));
  }
  if (!fit.spreads.empty()) {
    double sum = 0;
    for (std::size_t i = 0; i < fit.spreads.size(); ++i) sum += fit.spreads[random.below(fit.spreads.size())];
    model.spread = sum / static_cast<double>(fit.spreads.size());
  }
  return model;
}

}  // namespace cloudmask
