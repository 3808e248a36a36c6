#pragma once

#include <vector>

#include "cloudmask/kernels/convolution.h"

namespace cloudmask {

/// Gradients of a plan's weights and of the bias, from the plan's one input (of step 1) and the output's gradient.
struct WeightGradients {
  std::vector<float> weights;  ///< [phases][taps][in_channels][out_channels]
  std::vector<float> bias;     ///< [out_channels]
};

/// The sums over pixels are shared out to the workers in a fixed way: the same number of workers gives the same bits.
WeightGradients weight_gradients(const KernelSet& kernels, const ConvolutionPlan& plan, const Maps& input,
                                 const Maps& output_gradient, const Workers& workers);

}  // namespace cloudmask
