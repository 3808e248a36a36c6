#pragma once

#include <vector>

#include "cloudmask/metrics/sum_time.h"

namespace cloudmask {

/// How long a rank works on its patches of a step: per_patch_s (1 + contention (ranks of the machine - 1)) a patch, and
/// fixed_s whatever their number. Contention is what ranks of a machine take from one another (memory, clock).
struct WorkTerms {
  double per_patch_s = 0;
  double contention = 0;
  double fixed_s = 0;
};
double work_s(const WorkTerms& terms, double patches, int ranks_per_node);

/// One that was measured.
struct WorkTime {
  RankLayout layout;
  double patches = 0;  ///< of the rank, in a step
  double time_s = 0;
};

/// Terms that the measurements do not tell (one number of ranks, of patches) are 0.
WorkTerms fit_work_terms(const std::vector<WorkTime>& measured);

/// What a step of training and one of evaluation take on some machine.
struct StepModel {
  WorkTerms training;    ///< everything of a step but sums: computing, waiting for data, updating
  WorkTerms evaluation;  ///< NaN where it was not measured
  double spread = 0;     ///< standard deviation of a rank's work between the ranks, as a share of it
  SumTerms sums;
  double gradient_bytes = 0;  ///< of a rank and step
  double gradient_messages = 1;
};

/// Parts of a step.
struct StepTimes {
  double work_s = 0;
  double sums_s = 0;     ///< what of the sums the work does not hide
  double slowest_s = 0;  ///< waiting for the slowest rank
  double step_s() const { return work_s + sums_s + slowest_s; }
};

/// A share of the work hides the sums of gradients: the encoder's half of the backward pass. A U-Net holds most of its
/// weights at the bottom, whose gradients are ready when it begins; the last message leaves when it has ended.
inline constexpr double kHidingShare = 1.0 / 3;

/// `patches`: of the rank that has most. `maximum`: expected_maximum(layout.ranks()). Ranks differ by the normal
/// distribution, independently in every step.
StepTimes step_times(const StepModel& model, const RankLayout& layout, double patches, double maximum);

/// The same for a step of evaluation, which has no sums to speak of.
double evaluation_step_s(const StepModel& model, const RankLayout& layout, double patches, double maximum);

/// Expected largest of `count` numbers drawn from the standard normal distribution (Tippett, Biometrika 17, 1925): 0,
/// 0.56, 0.85, 1.03 for 1 to 4; 3.2 for 1,024. Takes some 0.1 ms.
double expected_maximum(int count);

}  // namespace cloudmask
