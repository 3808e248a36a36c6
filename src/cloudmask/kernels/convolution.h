#pragma once

#include <vector>

#include "cloudmask/kernels/tiles.h"
#include "cloudmask/kernels/winograd_weights.h"
#include "cloudmask/kernels/workers.h"

namespace cloudmask {

/// Where the sum of a convolution goes.
struct ConvolutionOutput {
  void* maps = nullptr;         ///< [batch][height][width][out_channels]
  const float* bias = nullptr;  ///< [out_channels]; nullptr: none
  bool relu = false;
  bool paired = false;  ///< summed two by two in both directions, to half the size: the gradient of an up-sampling
};

/// 3x3 convolution, zeros outside, summed over the inputs (those of the weights, in their order): maps of one size, or,
/// of kind kUpsampled, of half of it. `paired` wants inputs of kind kPairedInput. The gradient with respect to an input
/// is the same with the kernel turned by half a circle and its channels exchanged.
void convolve(const KernelSet& kernels, const std::vector<Maps>& inputs, const WinogradWeights& weights,
              const ConvolutionOutput& output, const Workers& workers);

/// Multiplications and additions of the products over channels that the convolution of such an input takes, which are
/// as many as its weights' gradient takes.
double flop_of(const Maps& input, TileKind kind, int out_channels);

}  // namespace cloudmask
