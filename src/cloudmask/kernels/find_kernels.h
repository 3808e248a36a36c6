#pragma once

#include <vector>

#include "cloudmask/kernels/kernel_set.h"

namespace cloudmask {

/// The fastest kernels of this processor for the element type; nullptr when there are none (then LibTorch's serve).
const KernelSet* find_kernels(Element element);

/// From now on find_kernels() knows none that need AVX-512, as on a processor without it.
void forgo_avx512();

/// True where the processor multiplies bf16 in tiles (AMX). oneDNN, below LibTorch's operations, uses them and is
/// faster than our vectors then.
bool processor_has_amx_bf16();

/// All kernels that run on this processor, the fastest of each element type first; for tests and comparisons.
std::vector<const KernelSet*> available_kernels();

}  // namespace cloudmask
