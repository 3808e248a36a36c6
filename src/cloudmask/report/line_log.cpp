#include "cloudmask/report/line_log.h"

#include <fmt/format.h>

#include "cloudmask/report/record_json.h"

namespace cloudmask {

std::string training_line(const MachineRecord& machine, const TrainingRecord& training) {
  return fmt::format("CloudMask training, samples = {}, epochs={}, bs={}, nodes={}, gpus={}, time_per_epoch={:.2f}\n",
                     training.training_scenes + training.test_scenes, training.epochs.size(), training.batch_size,
                     machine.nodes, machine.nodes * machine.accelerators_per_node, time_per_epoch_s(training));
}

std::string inference_line(const MachineRecord& machine, const InferenceRecord& inference) {
  const std::int64_t inferences = masked_scenes(inference);
  if (inferences == 0) return "";
  return fmt::format("CloudMask inference, inferences={}, bs={}, nodes={}, gpus={}, time_per_inference={:.2f}\n",
                     inferences, inference.batch_size, machine.nodes, machine.nodes * machine.accelerators_per_node,
                     time_per_inference_s(inference));
}

}  // namespace cloudmask
