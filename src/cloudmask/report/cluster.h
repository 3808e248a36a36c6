#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cloudmask/metrics/step_model.h"

namespace cloudmask {

/// A figure that is known to lie between two.
struct FigureRange {
  double low = 0;
  double high = 0;
  double at(double share) const { return low + share * (high - low); }
};

/// A machine to forecast for: config/cluster.yaml says what each is.
struct Cluster {
  std::string name;
  std::vector<std::string> sources;
  int ranks_per_node = 1;
  int max_ranks = 1;
  std::optional<FigureRange>
      work_factor;  ///< time of the work there over that of the measured machine; else the next three
  FigureRange training_ms_per_patch;
  FigureRange evaluation_ms_per_patch;
  FigureRange fixed_ms;
  FigureRange inside_latency_us;
  FigureRange inside_gb_per_s;
  FigureRange network_latency_us;
  FigureRange network_gb_per_s;  ///< of a machine
  double training_patches = 0;
  double test_patches = 0;
  int batch_size = 1;      ///< strong scaling: of all ranks
  int batch_per_rank = 1;  ///< weak scaling
};

/// The model of the measured machine on this one. `share` (0 to 1) says where in each range its figure lies: it is
/// called once for each.
template <typename Share>
StepModel on_cluster(const StepModel& measured, const Cluster& cluster, Share share) {
  const auto pick = [&](const FigureRange& range) { return range.at(share()); };
  StepModel model = measured;
  if (cluster.work_factor) {
    const double factor = pick(*cluster.work_factor);
    for (WorkTerms* work : {&model.training, &model.evaluation}) {
      work->per_patch_s *= factor;
      work->fixed_s *= factor;
    }
  } else {
    const double fixed_s = 1e-3 * pick(cluster.fixed_ms);
    model.training = {.per_patch_s = 1e-3 * pick(cluster.training_ms_per_patch), .contention = 0, .fixed_s = fixed_s};
    model.evaluation = {
        .per_patch_s = 1e-3 * pick(cluster.evaluation_ms_per_patch), .contention = 0, .fixed_s = fixed_s};
  }
  model.sums = {.inside_latency_s = 1e-6 * pick(cluster.inside_latency_us),
                .inside_s_per_byte = 1e-9 / pick(cluster.inside_gb_per_s),
                .network_latency_s = 1e-6 * pick(cluster.network_latency_us),
                .network_s_per_byte = 1e-9 / pick(cluster.network_gb_per_s)};
  return model;
}

/// Throws UsageError naming file, line and key.
Cluster read_cluster(const std::filesystem::path& file);

/// config/cluster.yaml, built in.
Cluster default_cluster();

}  // namespace cloudmask
