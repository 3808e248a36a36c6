#pragma once

#include <vector>

#include "cloudmask/base/random.h"
#include "cloudmask/metrics/step_model.h"
#include "cloudmask/report/scaling_runs.h"

namespace cloudmask {

/// A StepModel and what it was fitted to.
struct StepFit {
  StepModel model;
  std::vector<WorkTime> training;    ///< a step's work of each run
  std::vector<WorkTime> evaluation;  ///< of those that tell their test patches
  std::vector<double> spreads;       ///< StepModel::spread of the runs of several equal ranks
  std::vector<double> residuals;     ///< relative, of whole steps, one a run, about their mean; empty when there are no
                                     ///< more runs than terms
};

/// Of runs of the same settings; the sums of the model are given. A run whose first rank has no patches of a batch is
/// left out. Without any run StepFit::training is empty and nothing else is of use.
StepFit fit_steps(const std::vector<ScalingRun>& runs, const SumTerms& sums);

/// What a run's step took, and what the model says; `maximum`: expected_maximum of its ranks.
double measured_step_s(const ScalingRun& run);
double predicted_step_s(const StepModel& model, const ScalingRun& run, double maximum);

/// One of StepFit::residuals; 0 when there are none.
double draw_residual(const StepFit& fit, Random& random);

/// The model as it may as well have come out: fitted anew to its own predictions with residuals drawn for them (Efron
/// and Tibshirani 1993, An Introduction to the Bootstrap, chapter 9).
StepModel draw_model(const StepFit& fit, Random& random);

}  // namespace cloudmask
