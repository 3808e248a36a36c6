#pragma once

#include <vector>

#include "cloudmask/kernels/kernel_set.h"

namespace cloudmask {

/// The fastest kernels of this processor for the element type; nullptr when there are none (then LibTorch's serve).
const KernelSet* find_kernels(Element element);

/// All kernels that run on this processor, the fastest of each element type first; for tests and comparisons.
std::vector<const KernelSet*> available_kernels();

}  // namespace cloudmask
