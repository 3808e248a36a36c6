#include "cloudmask/training/patch_memory.h"

#include <algorithm>
#include <array>

#include "cloudmask/metrics/resources.h"
#include "cloudmask/model/step_memory.h"
#include "cloudmask/training/patch_loader.h"

namespace cloudmask {

std::int64_t memory_for_patches(std::int64_t given_bytes, Communicator& ranks) {
  const std::int64_t own = given_bytes > 0 ? given_bytes : available_memory_bytes() / 2 / ranks.local_size();
  std::array<double, 1> least = {-static_cast<double>(own)};
  ranks.all_reduce_max(least);
  return static_cast<std::int64_t>(-least[0]);
}

std::optional<std::int64_t> device_memory_for_patches(const Config& config, const ComputeTarget& target,
                                                      std::int64_t patches) {
  if (target.device.is_cpu()) return std::nullopt;
  return device_memory_for_patches(config, torch::elementSize(compute_type(target)), patches,
                                   free_memory_bytes(target.device));
}

std::int64_t device_memory_for_patches(const Config& config, std::size_t value_bytes, std::int64_t patches,
                                       std::int64_t free_bytes) {
  const auto step = static_cast<std::int64_t>(step_bytes(config, value_bytes, patches));
  const std::int64_t batches =
      batches_bytes(patches, config.data.patch_size_px, input_channels(config.model.normalisation));
  return std::max<std::int64_t>(free_bytes - step - batches, 0) / 2;
}

}  // namespace cloudmask
