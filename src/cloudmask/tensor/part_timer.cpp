#include "cloudmask/tensor/part_timer.h"

#include <algorithm>

#include "cloudmask/base/clock.h"
#include "cloudmask/base/error.h"

namespace cloudmask {
namespace {

thread_local PartTimer* listening = nullptr;  // LibTorch's callbacks are plain functions

// Not the autograd engine's frames, which hold everything of a backward pass.
bool is_part(const at::RecordFunction& function) {
  return function.scope() == at::RecordScope::USER_SCOPE || std::string_view(function.name()).starts_with("aten::");
}

struct Started : at::ObserverContext {
  explicit Started(double f) : flop(f) {}
  double flop;
  Stopwatch watch;
};

// A PartScope's one input; LibTorch gives them away in the start callback only.
double flop_of(const at::RecordFunction& function) {
  const bool counted = function.scope() == at::RecordScope::USER_SCOPE && !function.inputs().empty();
  return counted ? function.inputs()[0].toDouble() : 0.0;
}

}  // namespace

PartTimer::PartTimer() {
  CM_CHECK(listening == nullptr);
  listening = this;
  handle_ = at::addThreadLocalCallback(at::RecordFunctionCallback(begin, end)
                                           .needsInputs(true)
                                           .scopes({at::RecordScope::FUNCTION, at::RecordScope::USER_SCOPE}));
}

PartTimer::~PartTimer() {
  at::removeCallback(handle_);
  listening = nullptr;
}

std::unique_ptr<at::ObserverContext> PartTimer::begin(const at::RecordFunction& function) {
  if (!is_part(function)) return nullptr;
  return listening->depth_++ == 0 ? std::make_unique<Started>(flop_of(function)) : nullptr;
}

void PartTimer::end(const at::RecordFunction& function, at::ObserverContext* context) {
  if (!is_part(function)) return;
  --listening->depth_;
  if (context == nullptr) return;  // inside another part
  const auto& started = static_cast<const Started&>(*context);
  const double time_s = started.watch.elapsed_s();
  auto& parts = listening->parts_;
  auto part = std::find_if(parts.begin(), parts.end(), [&](const auto& p) { return p.name == function.name(); });
  if (part == parts.end()) part = parts.insert(parts.end(), {function.name(), 0, 0, 0});
  part->time_s += time_s;
  part->calls += 1;
  part->flop += started.flop;
}

std::vector<TimedPart> PartTimer::parts() const {
  std::vector<TimedPart> sorted = parts_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.time_s > b.time_s; });
  return sorted;
}

PartScope::PartScope(const std::function<std::string()>& name, double flop) : flop_(flop) {
  if (record_.isActive()) record_.before(name(), c10::ArrayRef<const c10::IValue>(&flop_, 1));
}

}  // namespace cloudmask
