#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "cloudmask/config/options.h"
#include "cloudmask/teaching/teacher.h"

namespace cloudmask {

/// Learns a teacher from what the threshold tests find in the scenes (BayesianLearner), without a label; with
/// `use_labels` then weighs the labels by how they agree with it. Looks at kMostScenes of them at most, evenly spread.
/// Logs what was found and warns of what speaks against it. Throws Error when nothing in the scenes is surely clear or
/// nothing surely cloud, and what reading them throws; with DataOptions::keep_going those that cannot be read are left
/// out.
std::shared_ptr<const Teacher> learn_teacher(const std::vector<std::filesystem::path>& scenes,
                                             const DataOptions& options, bool use_labels, int threads);
inline constexpr std::size_t kMostScenes = 48;

}  // namespace cloudmask
