#include "cloudmask/report/scaling_forecast.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "cloudmask/report/left_out_check.h"

namespace cloudmask {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// 1, 2, 4, ... ranks on one machine, then 1, 2, 4, ... full machines.
std::vector<RankLayout> layouts(const Cluster& cluster) {
  std::vector<RankLayout> all;
  for (int inside = 1; inside < cluster.ranks_per_node && inside <= cluster.max_ranks; inside *= 2) {
    all.push_back({1, inside});
  }
  for (int nodes = 1; nodes <= cluster.max_ranks / cluster.ranks_per_node; nodes *= 2) {
    all.push_back({nodes, cluster.ranks_per_node});
  }
  return all;
}

struct EpochTimes {
  StepTimes step;
  double evaluate_s = 0;
  double epoch_s = 0;
};

/// A layout with its batch.
struct Place {
  RankLayout layout;
  double batch_size = 0;
  double maximum = 0;  ///< expected_maximum of the ranks
};

EpochTimes epoch_times(const StepModel& model, const Cluster& cluster, const Place& place) {
  const double ranks = place.layout.ranks();
  const double test_steps = std::ceil(cluster.test_patches / place.batch_size);
  EpochTimes times;
  times.step = step_times(model, place.layout, std::ceil(place.batch_size / ranks), place.maximum);
  times.evaluate_s =
      test_steps * evaluation_step_s(model, place.layout, cluster.test_patches / test_steps / ranks, place.maximum);
  times.epoch_s = cluster.training_patches / place.batch_size * times.step.step_s() +
                  (std::isnan(times.evaluate_s) ? 0 : times.evaluate_s);
  return times;
}

/// What an interval is multiplied with where ranks go beyond what was measured.
double widening(const Forecast& forecast, int ranks) {
  const double doublings = std::log2(static_cast<double>(ranks) / forecast.measured_ranks);
  return doublings > 0 ? 1 + forecast.error_per_doubling * doublings : 1;
}

Estimate widened(Estimate estimate, double factor) {
  estimate.low /= factor;
  estimate.high *= factor;
  return estimate;
}

class Forecaster {
 public:
  Forecaster(const Forecast& forecast, const Cluster& cluster) : forecast_(forecast), cluster_(cluster) {
    model_ = on_cluster(forecast.fit.model, cluster, [] { return 0.5; });
    Random random(kResamplingSeed);
    for (std::size_t i = 0; i < kResamples; ++i) {
      draws_.push_back(on_cluster(draw_model(forecast.fit, random), cluster, [&] { return random.uniform(); }));
      noise_.push_back(draw_residual(forecast.fit, random));
    }
  }

  /// `batch_of` a layout; those that cannot be (no patch for a rank, more patches a step than there are) are left out.
  template <typename BatchOf>
  std::vector<ForecastPoint> series(BatchOf batch_of) const {
    const Place one{{}, batch_of(RankLayout{}), 0};
    std::vector<ForecastPoint> points;
    for (const RankLayout& layout : layouts(cluster_)) {
      const Place place{layout, batch_of(layout), expected_maximum(layout.ranks())};
      if (place.batch_size < layout.ranks() || place.batch_size > cluster_.training_patches) continue;
      points.push_back(point(place, one));
    }
    return points;
  }

 private:
  ForecastPoint point(const Place& place, const Place& one) const {
    const EpochTimes times = epoch_times(model_, cluster_, place);
    const double ranks = place.layout.ranks();
    std::vector<double> epochs_s;
    std::vector<double> efficiencies;
    for (std::size_t i = 0; i < draws_.size(); ++i) {
      const double epoch_s = epoch_times(draws_[i], cluster_, place).epoch_s;
      epochs_s.push_back(epoch_s * (1 + noise_[i]));
      efficiencies.push_back(epoch_times(draws_[i], cluster_, one).epoch_s / ranks / epoch_s);
    }
    const double factor = widening(forecast_, place.layout.ranks());
    const double efficiency = epoch_times(model_, cluster_, one).epoch_s / ranks / times.epoch_s;
    const Estimate share = estimate(efficiency, std::move(efficiencies));
    ForecastPoint point;
    point.layout = place.layout;
    point.batch_size = place.batch_size;
    point.step = times.step;
    point.evaluate_s = times.evaluate_s;
    point.epoch_s = widened(estimate(times.epoch_s, std::move(epochs_s)), factor);
    point.efficiency = widened(share, factor);
    point.efficiency.high = std::min(point.efficiency.high, std::max(1.0, share.high));
    point.patches_per_s = cluster_.training_patches / times.epoch_s;
    return point;
  }

  const Forecast& forecast_;
  const Cluster& cluster_;
  StepModel model_;
  std::vector<StepModel> draws_;
  std::vector<double> noise_;
};

std::string about_work(const StepFit& fit) {
  std::vector<std::string> missing;
  const WorkTerms& work = fit.model.training;
  if (!(work.fixed_s > 0)) missing.emplace_back("a time that does not depend on the patches");
  if (!(work.contention > 0)) missing.emplace_back("ranks of a machine slowing one another down");
  std::string text = fmt::format(
      "Work of a rank (computing, waiting for data, updating): {:.1f} ms a patch, {:.1f} % more for each further rank "
      "of the machine, and {:.1f} ms a step.",
      1e3 * work.per_patch_s, 100 * work.contention, 1e3 * work.fixed_s);
  if (missing.empty()) return text;
  return text + fmt::format(" Not seen in these runs, and so not assumed: {}.", fmt::join(missing, "; "));
}

/// Those that steps make: larger messages than all gradients together are none of them, and leave the caches.
std::vector<SumTime> sums_of_steps(const std::vector<ScalingRun>& runs, const std::vector<SumTime>& measured) {
  double gradient_bytes = 0;
  for (const ScalingRun& run : runs) gradient_bytes = std::fmax(gradient_bytes, run.gradient_bytes);
  std::vector<SumTime> sums;
  for (const SumTime& sum : measured) {
    if (gradient_bytes == 0 || sum.bytes <= gradient_bytes) sums.push_back(sum);
  }
  return sums;
}

/// Root mean square of the relative errors.
double error_of(const SumTerms& terms, const std::vector<SumTime>& measured) {
  double sum = 0;
  for (const SumTime& one : measured) sum += std::pow(sum_time_s(terms, one.layout, one.bytes) / one.time_s - 1, 2);
  return std::sqrt(sum / static_cast<double>(measured.size()));
}

std::string about_sums(const StepFit& fit, const ScalingFiles& files, const std::vector<SumTime>& measured) {
  std::string text =
      "Sums over ranks: a latency a message and a time a byte (Hockney); inside a machine a ring, between machines a "
      "tree's latencies at full bisection bandwidth (fat tree), no other traffic. ";
  if (measured.empty()) {
    return text + "The folder has no JSON of `cloudmask bench allreduce`: on the measured machine sums count as free.";
  }
  const SumTerms& sums = fit.model.sums;
  text += fmt::format("On the measured machine, from {}: ", fmt::join(files.sum_files, ", "));
  const auto link = [](const char* where, double latency_s, double s_per_byte) {
    return s_per_byte > 0 ? fmt::format("{} {:.1f} us, {:.3g} GB/s", where, 1e6 * latency_s, 1e-9 / s_per_byte)
                          : fmt::format("{} not measured", where);
  };
  return text + link("inside", sums.inside_latency_s, sums.inside_s_per_byte) + "; " +
         link("between machines", sums.network_latency_s, sums.network_s_per_byte) +
         fmt::format("; off by {:.0f} % (root mean square) for messages up to the size of all gradients.",
                     100 * error_of(sums, measured));
}

std::string about_gradients(const StepModel& model) {
  if (!(model.gradient_bytes > 0)) {
    return "No run of several ranks tells the bytes of its gradients: they count as none.";
  }
  return fmt::format(
      "{:.2f} MB of gradients go in {:.0f} messages of equal size; a third of a step's work, the encoder's backward "
      "pass, hides all but the last of them.",
      1e-6 * model.gradient_bytes, model.gradient_messages);
}

std::string about_spread(const StepFit& fit) {
  if (fit.spreads.empty()) {
    return "No run of several ranks tells how unequal they are: no rank waits for a slower one.";
  }
  return fmt::format(
      "Ranks differ by {:.2f} % of their work (standard deviation), normally and independently in each step, and all "
      "wait for the slowest.",
      100 * fit.model.spread);
}

std::string about_cluster(const Cluster& cluster) {
  if (cluster.work_factor) {
    return fmt::format("Forecast for: {}. A rank's work there takes {:g} to {:g} times that measured here.",
                       cluster.name, cluster.work_factor->low, cluster.work_factor->high);
  }
  return fmt::format(
      "Forecast for: {}. A rank's work there is what the file says, not what was measured here; so is the network.",
      cluster.name);
}

std::string about_intervals(const Forecast& forecast) {
  std::string text = forecast.fit.residuals.empty()
                         ? "There are no more runs than terms: the intervals know the cluster's ranges but no noise. "
                         : "Intervals: 95 % of what redrawn residuals, spreads and the cluster's ranges give. ";
  if (forecast.checks.empty()) {
    return text + fmt::format("Nothing could be left out to check the model: beyond {} ranks there is no interval.",
                              forecast.measured_ranks);
  }
  return text + fmt::format(
                    "Beyond {} ranks they are wider by {:.1f} % for each doubling, the error on ranks left out: a rule "
                    "of thumb, no measurement.",
                    forecast.measured_ranks, 100 * forecast.error_per_doubling);
}

std::vector<std::string> assumptions_of(const Forecast& forecast, const ScalingFiles& files,
                                        const std::vector<SumTime>& measured, const Cluster& cluster) {
  std::vector<std::string> all{about_work(forecast.fit),
                               about_sums(forecast.fit, files, measured),
                               about_gradients(forecast.fit.model),
                               about_spread(forecast.fit),
                               about_cluster(cluster),
                               about_intervals(forecast)};
  all.emplace_back(
      "Not in it: reading from a shared file system, other jobs, machines that fail, and how many more epochs a larger "
      "batch takes to the same accuracy.");
  return all;
}

}  // namespace

Forecast make_forecast(const std::vector<ScalingRun>& runs, const ScalingFiles& files, const Cluster& cluster) {
  Forecast forecast;
  const std::vector<SumTime> measured = sums_of_steps(runs, files.sums);
  const SumTerms sums = fit_sum_terms(measured);
  forecast.fit = fit_steps(runs, sums);
  forecast.error_per_doubling = kNone;
  if (forecast.fit.training.empty()) {
    forecast.assumptions = {"No run has a patch for each rank: there is nothing to fit a model to."};
    return forecast;
  }
  for (const ScalingRun& run : runs) forecast.measured_ranks = std::max(forecast.measured_ranks, run.layout.ranks());
  forecast.checks = check_left_out(runs, sums);
  forecast.error_per_doubling = error_per_doubling(forecast.checks);
  const Forecaster forecaster(forecast, cluster);
  forecast.strong = forecaster.series([&](const RankLayout&) { return static_cast<double>(cluster.batch_size); });
  forecast.weak = forecaster.series(
      [&](const RankLayout& layout) { return static_cast<double>(cluster.batch_per_rank) * layout.ranks(); });
  forecast.assumptions = assumptions_of(forecast, files, measured, cluster);
  return forecast;
}

}  // namespace cloudmask
