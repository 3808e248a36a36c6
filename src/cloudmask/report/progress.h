#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include "cloudmask/metrics/run_listener.h"

namespace cloudmask {

/// Shows how far a run is. On a terminal one line is rewritten in place; elsewhere a plain line comes at most every ten
/// seconds. Epochs and scenes that are done always leave a line.
class Progress {
 public:
  enum class Style { kNone, kPlain, kTerminal };

  /// `now_s` is a monotonic clock in seconds; tests bring their own.
  Progress(std::ostream& out, Style style, std::function<double()> now_s);

  void show(const ProgressRecord& progress);

  /// The same of work that is neither training nor scenes, in words of its own.
  void show_line(const std::string& line);

  /// A line that stays.
  void keep(const std::string& line);

  /// Removes the rewritten line.
  void clear();

 private:
  double steps_per_s(const ProgressRecord& progress);
  bool due();
  void put(const std::string& line);

  std::ostream& out_;
  Style style_;
  std::function<double()> now_s_;
  double last_shown_s_;
  bool line_open_ = false;
  std::string phase_;  ///< activity and epoch that the rate below belongs to
  double phase_start_s_ = 0;
  std::int64_t phase_start_done_ = 0;
};

/// kTerminal when standard error is one, else kPlain; kNone when `quiet`.
Progress::Style progress_style(bool quiet);

std::string describe_epoch(const EpochRecord& epoch, int epochs);
std::string describe_scene(const SceneRecord& scene);

/// "45 s", "12 min", "3 h 05 min"
std::string describe_duration(double seconds);

}  // namespace cloudmask
