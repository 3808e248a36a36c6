#pragma once

#include <vector>

#include "cloudmask/kernels/tiles.h"
#include "cloudmask/kernels/workers.h"

namespace cloudmask {

/// Gradients of one input's weights and of the bias.
struct WeightGradients {
  std::vector<float> weights;  ///< [3][3][in_channels][out_channels]
  std::vector<float> bias;     ///< [out_channels]
};

/// Of a 3x3 convolution, from an input (kInput or kUpsampled) and the output's gradient. The sums over pixels are
/// shared out to the workers in a fixed way: the same number of workers gives the same bits.
WeightGradients weight_gradients(const KernelSet& kernels, const Maps& input, TileKind kind,
                                 const Maps& output_gradient, const Workers& workers);

}  // namespace cloudmask
