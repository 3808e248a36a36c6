#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "cloudmask/config/options.h"
#include "cloudmask/parallel/communicator.h"
#include "cloudmask/teaching/labeller.h"

namespace cloudmask {

/// Who teaches the network, the same on all ranks. Kinds that need no label first learn from `scenes`, those to train
/// on, and log what they found (docs/unsupervised.md): rank 0 does that, so that the scenes are read once. Throws
/// Error, on all ranks, when that is not possible.
std::shared_ptr<const Labeller> make_labeller(const Config& config, const std::vector<std::filesystem::path>& scenes,
                                              Communicator& ranks);

}  // namespace cloudmask
