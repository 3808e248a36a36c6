#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cloudmask/report/cluster.h"
#include "cloudmask/report/scaling_forecast.h"
#include "cloudmask/report/scaling_runs.h"
#include "cloudmask/report/scaling_study.h"

namespace cloudmask {

/// What the runs of a folder say about several ranks, and what to expect of more; docs/scaling.md explains it.
struct ScalingReport {
  std::filesystem::path folder;
  ScalingFiles files;
  Cluster cluster;
  std::vector<ScalingGroup> groups;
  std::vector<Forecast> forecasts;  ///< one a group
};

/// Throws Error when the folder holds no run that can be used.
ScalingReport make_scaling_report(const std::filesystem::path& folder, const Cluster& cluster);

/// Tables for the terminal.
std::string scaling_text(const ScalingReport& report);

/// docs/logs.md describes it.
std::string scaling_json(const ScalingReport& report);

/// One page with charts and tables, in one file.
void write_scaling_page(const std::filesystem::path& file, const ScalingReport& report);

}  // namespace cloudmask
