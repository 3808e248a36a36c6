#pragma once

#include <ATen/record_function.h>
#include <torch/torch.h>

#include <functional>
#include <string>
#include <vector>

namespace cloudmask {

/// A part of a step, summed over its calls.
struct TimedPart {
  std::string name;
  double time_s = 0;
  double flop = 0;  ///< floating-point operations, 0 where nobody counts them
  int calls = 0;
};

/// While one lives, notes what the thread that made it spends its time on: the PartScopes, and outside of them
/// LibTorch's own operations by name. One at a time in a thread.
class PartTimer {
 public:
  PartTimer();
  ~PartTimer();
  PartTimer(const PartTimer&) = delete;
  PartTimer& operator=(const PartTimer&) = delete;

  /// Longest first.
  std::vector<TimedPart> parts() const;

 private:
  static std::unique_ptr<at::ObserverContext> begin(const at::RecordFunction& function);
  static void end(const at::RecordFunction& function, at::ObserverContext* context);

  at::CallbackHandle handle_;
  int depth_ = 0;
  std::vector<TimedPart> parts_;
};

/// Marks a part for PartTimer (and for LibTorch's profiler); costs next to nothing without one.
class PartScope {
 public:
  /// `name` is called only when somebody listens.
  PartScope(const std::function<std::string()>& name, double flop);

 private:
  c10::IValue flop_;
  at::RecordFunction record_{at::RecordScope::USER_SCOPE};
};

}  // namespace cloudmask
