#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "cloudmask/metrics/bootstrap.h"
#include "cloudmask/report/scaling_runs.h"

namespace cloudmask {

/// The runs of one layout and batch, at their median.
struct ScalingPoint {
  RankLayout layout;
  int batch_size = 0;
  int runs = 0;
  double patches = 0;  ///< of an epoch
  double steps = 0;
  Estimate epoch_s;  ///< with the fastest and the slowest run
  double compute_s = 0;
  double sums_s = 0;
  double wait_data_s = 0;
  double evaluate_s = 0;
  Estimate time_to_accuracy_s;
  Estimate efficiency;              ///< per epoch: patches a second and rank, as a share of the first point's
  Estimate efficiency_to_accuracy;  ///< ranks times time to accuracy of the first point, as a share of this one's

  /// What of the epoch the four parts leave.
  double other_s() const { return std::max(0.0, epoch_s.value - compute_s - sums_s - wait_data_s - evaluate_s); }
};

/// Points that differ in their ranks alone, ascending.
struct ScalingSeries {
  bool strong = false;  ///< the batch of all ranks stays, or else that of each rank
  int batch = 0;        ///< that which stays
  std::vector<ScalingPoint> points;
};

/// Runs of the same settings.
struct ScalingGroup {
  std::string settings;
  std::vector<ScalingRun> runs;
  std::vector<ScalingSeries> series;  ///< strong ones first; those of at least two numbers of ranks
};

/// In the order of their settings.
std::vector<ScalingGroup> group_runs(const std::vector<ScalingRun>& runs);

/// Of numbers that are not NaN; NaN without one.
double median(std::vector<double> values);

}  // namespace cloudmask
