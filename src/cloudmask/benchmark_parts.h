#pragma once

#include <functional>
#include <vector>

#include "cloudmask/benchmark.h"
#include "cloudmask/tensor/device.h"

namespace cloudmask {

/// The most arithmetic that this machine was seen to do: the kernels' sums of products on data that stay in the first
/// cache, or, where LibTorch's operations serve, its product of two large matrices in the target's precision.
double measure_peak_gflops(const ComputeTarget& target);

/// What three calls of `work` spend their time on (PartTimer), and the rest.
std::vector<BenchmarkPart> time_parts(const std::function<void()>& work, int batch_size);

}  // namespace cloudmask
