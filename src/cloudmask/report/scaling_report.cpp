#include "cloudmask/report/scaling_report.h"

#include <fmt/format.h>

#include <utility>

#include "cloudmask/base/error.h"

namespace cloudmask {

ScalingReport make_scaling_report(const std::filesystem::path& folder, const Cluster& cluster) {
  ScalingReport report;
  report.folder = folder;
  report.cluster = cluster;
  report.files = find_scaling_files(folder);
  if (report.files.runs.empty()) {
    const SkippedRun& first = report.files.skipped.front();
    throw Error(fmt::format("{}: none of its {} runs can be used; {}: {}", folder.string(), report.files.skipped.size(),
                            first.name, first.reason));
  }
  report.groups = group_runs(report.files.runs);
  for (const ScalingGroup& group : report.groups) {
    report.forecasts.push_back(make_forecast(group.runs, report.files, cluster));
  }
  return report;
}

}  // namespace cloudmask
