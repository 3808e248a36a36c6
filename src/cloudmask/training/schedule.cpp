#include "cloudmask/training/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cloudmask {

double learning_rate_at(const TrainingOptions& options, std::int64_t step, std::int64_t steps_per_epoch) {
  const double warmup_steps = options.warmup_epochs * static_cast<double>(steps_per_epoch);
  const double at = static_cast<double>(step);
  if (at < warmup_steps) return options.learning_rate * (at + 1) / (warmup_steps + 1);
  if (options.schedule == ScheduleKind::kConstant) return options.learning_rate;
  const double total_steps = static_cast<double>(options.epochs * steps_per_epoch);
  const double share = std::clamp((at - warmup_steps) / std::max(total_steps - warmup_steps, 1.0), 0.0, 1.0);
  return options.learning_rate * 0.5 * (1 + std::cos(std::numbers::pi * share));
}

}  // namespace cloudmask
