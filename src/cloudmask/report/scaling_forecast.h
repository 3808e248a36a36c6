#pragma once

#include <string>
#include <vector>

#include "cloudmask/metrics/bootstrap.h"
#include "cloudmask/report/cluster.h"
#include "cloudmask/report/scaling_runs.h"
#include "cloudmask/report/step_fit.h"

namespace cloudmask {

/// Runs of one layout and batch, predicted by the model of the runs of other numbers of ranks.
struct LeftOutCheck {
  RankLayout layout;
  int batch_size = 0;
  int runs = 0;
  double doublings = 1;   ///< that its ranks lie outside those of the fit; 1 within them
  double measured_s = 0;  ///< a step, median
  Estimate predicted_s;   ///< NaN bounds when that fit has no residuals to draw from
  double error() const { return predicted_s.value / measured_s - 1; }
};

struct ForecastPoint {
  RankLayout layout;
  double batch_size = 0;
  StepTimes step;
  double evaluate_s = 0;  ///< of an epoch; NaN where evaluation was not measured: then it is in no other figure
  Estimate epoch_s;
  Estimate efficiency;  ///< of the epoch, relative to one rank of the same machine
  double patches_per_s = 0;
};

struct Forecast {
  StepFit fit;  ///< of the measured machine
  int measured_ranks = 0;
  std::vector<LeftOutCheck> checks;
  /// Root mean square of the errors of `checks`, each divided by its doublings; NaN without checks.
  double error_per_doubling = 0;
  std::vector<ForecastPoint> strong;
  std::vector<ForecastPoint> weak;
  std::vector<std::string> assumptions;  ///< sentences
};

/// Fits the model to runs of the same settings and to the sums in `files`, checks it on each number of ranks left out,
/// and carries it over to the cluster. Intervals hold 95 % of what drawing residuals, spreads and the cluster's ranges
/// gives, and are wider by error_per_doubling for each doubling of the ranks beyond those measured; they are NaN there
/// when nothing could be checked. Nothing but `assumptions` is filled where no run can be fitted.
Forecast make_forecast(const std::vector<ScalingRun>& runs, const ScalingFiles& files, const Cluster& cluster);

}  // namespace cloudmask
