#include "cloudmask/metrics/step_model.h"

#include <algorithm>
#include <cmath>

#include "cloudmask/metrics/least_squares.h"

namespace cloudmask {

double work_s(const WorkTerms& terms, double patches, int ranks_per_node) {
  return terms.fixed_s + terms.per_patch_s * patches * (1 + terms.contention * (ranks_per_node - 1));
}

WorkTerms fit_work_terms(const std::vector<WorkTime>& measured) {
  std::vector<std::vector<double>> rows;
  std::vector<double> values;
  for (const WorkTime& work : measured) {
    rows.push_back({work.patches, 1, work.patches * (work.layout.ranks_per_node - 1)});
    values.push_back(work.time_s);
  }
  if (rows.empty()) return {};
  const std::vector<double> found = fit_relative(rows, values);
  return {.per_patch_s = found[0], .contention = found[0] > 0 ? found[2] / found[0] : 0, .fixed_s = found[1]};
}

StepTimes step_times(const StepModel& model, const RankLayout& layout, double patches, double maximum) {
  StepTimes times;
  times.work_s = work_s(model.training, patches, layout.ranks_per_node);
  const double message_s = sum_time_s(model.sums, layout, model.gradient_bytes / model.gradient_messages);
  // Twice a step the ranks exchange some numbers: whether all go on, and the losses.
  const double small_s = 2 * sum_time_s(model.sums, layout, 5 * sizeof(double));
  const double hidden_s = kHidingShare * times.work_s;
  times.sums_s = small_s + message_s + std::max(0.0, (model.gradient_messages - 1) * message_s - hidden_s);
  times.slowest_s = model.spread * times.work_s * maximum;
  return times;
}

double evaluation_step_s(const StepModel& model, const RankLayout& layout, double patches, double maximum) {
  return work_s(model.evaluation, patches, layout.ranks_per_node) * (1 + model.spread * maximum);
}

double expected_maximum(int count) {
  // The integral of [x > 0] - P(all <= x), by the trapezoidal rule; beyond 8 nothing is left.
  constexpr double kEnd = 8;
  constexpr int kSteps = 800;
  const auto all_below = [&](double x) { return std::pow(std::erfc(-x / std::sqrt(2.0)) / 2, count); };
  double sum = 0;
  for (int i = 0; i <= kSteps; ++i) {
    const double x = kEnd * i / kSteps;
    sum += (i == 0 || i == kSteps ? 0.5 : 1.0) * (1 - all_below(x) - all_below(-x));
  }
  return sum * kEnd / kSteps;
}

}  // namespace cloudmask
