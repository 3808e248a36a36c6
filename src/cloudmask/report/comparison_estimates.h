#pragma once

#include <array>
#include <vector>

#include "cloudmask/report/comparison.h"

namespace cloudmask {

/// Scores of each part over all scenes, and the differences between methods, with intervals from drawing scenes anew:
/// every method and pair by the same draws.
std::array<PartComparison, kParts> estimate_parts(const std::vector<ComparedScene>& scenes);

}  // namespace cloudmask
