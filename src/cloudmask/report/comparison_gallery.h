#pragma once

#include <string>

#include "cloudmask/report/comparison.h"

namespace cloudmask {

/// The <section> of the `max_scenes` scenes on which the methods differ most: image, reference, where the methods
/// differ, and of each method its mask and its errors.
std::string comparison_gallery(const Comparison& comparison, const ComparisonOptions& options, int max_scenes);

}  // namespace cloudmask
