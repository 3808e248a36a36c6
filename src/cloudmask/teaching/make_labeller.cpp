#include "cloudmask/teaching/make_labeller.h"

#include "cloudmask/teaching/learn_teacher.h"

namespace cloudmask {

std::string to_string(Supervision supervision) {
  return supervision == Supervision::kLabels ? "labels" : supervision == Supervision::kNone ? "none" : "both";
}

std::shared_ptr<const Labeller> make_labeller(Supervision supervision, const std::vector<std::filesystem::path>& scenes,
                                              const DataOptions& options, int threads) {
  if (supervision == Supervision::kLabels) return std::make_shared<ProvidedLabels>();
  return learn_teacher(scenes, options, /*use_labels=*/supervision == Supervision::kBoth, threads);
}

}  // namespace cloudmask
