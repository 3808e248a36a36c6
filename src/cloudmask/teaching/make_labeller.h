#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cloudmask/config/options.h"
#include "cloudmask/teaching/labeller.h"

namespace cloudmask {

/// As the configuration writes it.
std::string to_string(Supervision supervision);

/// Who teaches the network. Kinds that need no label first learn from `scenes`, those to train on, and log what they
/// found; see docs/unsupervised.md. Throws Error when that is not possible.
std::shared_ptr<const Labeller> make_labeller(Supervision supervision, const std::vector<std::filesystem::path>& scenes,
                                              const DataOptions& options, int threads);

}  // namespace cloudmask
