#include "cloudmask/training/make_labeller.h"

#include <string>

#include "cloudmask/parallel/agreement.h"
#include "cloudmask/teaching/learn_teacher.h"

namespace cloudmask {

std::shared_ptr<const Labeller> make_labeller(const Config& config, const std::vector<std::filesystem::path>& scenes,
                                              Communicator& ranks) {
  const Supervision supervision = config.training.supervision;
  if (supervision == Supervision::kLabels) return std::make_shared<ProvidedLabels>();
  std::string learnt;
  do_on_first(ranks, [&] {
    learnt =
        learn_teacher(scenes, config.data, /*use_labels=*/supervision == Supervision::kBoth, config.machine.threads)
            ->to_bytes();
  });
  ranks.broadcast(learnt);
  return Teacher::from_bytes(learnt);
}

}  // namespace cloudmask
