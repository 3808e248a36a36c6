#include "cloudmask/model/step_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cloudmask/base/log.h"

namespace cloudmask {

// Per input pixel the U-Net keeps 10.75 values for each filter of the first level (levels have 1, 1/4, 1/16, 1/64 of
// the pixels and 1, 2, 4, 8 times the filters).
double step_bytes(const Config& config, std::size_t value_bytes, std::int64_t patches) {
  const double values_per_pixel = 10.75 * config.model.base_filters;
  constexpr double kGradients = 1.5;
  return values_per_pixel * static_cast<double>(value_bytes) * kGradients * std::pow(config.data.patch_size_px, 2) *
         static_cast<double>(patches);
}

std::int64_t patches_at_once(const Config& config, std::size_t value_bytes, std::int64_t patches,
                             std::int64_t room_bytes) {
  constexpr double kElse = 128 << 20;  // gradients, optimiser, workspaces of the kernels
  const double room = static_cast<double>(room_bytes) - kElse;
  const double most =
      std::clamp(std::floor(room / step_bytes(config, value_bytes, 1)), 1.0, static_cast<double>(patches));
  const auto parts = static_cast<std::int64_t>(std::ceil(static_cast<double>(patches) / most));
  if (parts == 1) return patches;
  const std::int64_t fitting = (patches + parts - 1) / parts;
  log_warning(
      fmt::format("the {} patches of a step are computed {} at a time, which is slower: {} MiB of memory are "
                  "left for it",
                  patches, fitting, std::max<std::int64_t>(room_bytes, 0) >> 20));
  return fitting;
}

}  // namespace cloudmask
