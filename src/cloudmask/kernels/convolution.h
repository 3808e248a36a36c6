#pragma once

#include <cstdint>
#include <vector>

#include "cloudmask/kernels/kernel_set.h"
#include "cloudmask/kernels/word_buffer.h"
#include "cloudmask/kernels/workers.h"

namespace cloudmask {

/// A batch of maps, [batch][height][width][channels] in KernelSet::element, without gaps.
struct Maps {
  const void* values = nullptr;
  const void* gate = nullptr;  ///< same shape: where it is not positive the value counts as 0 (ReLU's gradient)
  int batch = 0;
  int height = 0;
  int width = 0;
  int channels = 0;
};

/// One product of a convolution: the pixel that lies at row `step * i + row`, column `step * j + column - 1` of an
/// input, for output pixel (i, j) of a phase.
struct Tap {
  int input = 0;
  int row = 0;
  int column = 0;
};

/// The output pixels (out_step * i + row, out_step * j + column), all made by the same taps.
struct Phase {
  int row = 0;
  int column = 0;
  std::vector<Tap> taps;
};

/// Every convolution of the U-Net and every gradient with respect to an input, as sums over taps.
struct ConvolutionPlan {
  struct Input {
    int channels = 0;
    int step = 1;  ///< 1 or 2
  };
  std::vector<Input> inputs;
  std::vector<Phase> phases;
  int out_step = 1;
  int out_channels = 0;
};

/// 3x3, zeros outside. Tap 3 y + x is kernel element (y, x). The gradient with respect to the input is the same with
/// the kernel turned by half a circle and its channels exchanged.
ConvolutionPlan plan_convolution(int in_channels, int out_channels);

/// 3x3 over [low up-sampled to the nearest by 2, skip]. Input 0 is low, 1 is skip. Phase 2 p + q makes output rows of
/// parity p and columns of parity q. Its taps 0 to 3 are a 2x2 convolution of low (elements (a, b) in order), since
/// equal up-sampled neighbours share the sum of their weights; taps 4 to 12 are the 3x3 of skip.
ConvolutionPlan plan_joined_convolution(int low_channels, int skip_channels, int out_channels);

/// The part of low alone, for its weights' gradient: input 0 is low, each phase has the taps 0 to 3.
ConvolutionPlan plan_upsampled_convolution(int low_channels, int out_channels);

/// Gradient of plan_joined_convolution with respect to low: 4x4, step 2. Input 0 is the gradient of the output
/// (out_channels of it are `channels`); tap 4 y + x meets output pixel (2 i - 1 + y, 2 j - 1 + x).
ConvolutionPlan plan_low_gradient(int channels, int low_channels);

/// Multiplications and additions of a plan for a batch whose first input is `first`; its weights' gradients cost the
/// same.
double flop_of(const ConvolutionPlan& plan, const Maps& first);

/// Weights in the order in which the kernels read them.
class PackedWeights {
 public:
  /// `weights[phase][tap]` points to fp32 [in_channels][out_channels].
  PackedWeights(const KernelSet& kernels, const ConvolutionPlan& plan,
                const std::vector<std::vector<const float*>>& weights, const Workers& workers);

  const Word* panel(std::size_t phase, int block, std::size_t tap) const {
    return &words_[block_begin_[phase] + static_cast<std::size_t>(block) * block_words_[phase] +
                   tap_begin_[phase][tap]];
  }

 private:
  WordBuffer words_;
  std::vector<std::size_t> block_begin_;  // of a phase's first block
  std::vector<std::size_t> block_words_;
  std::vector<std::vector<std::size_t>> tap_begin_;  // inside a block
};

struct ConvolutionCall {
  std::vector<Maps> inputs;
  const float* bias = nullptr;  ///< [out_channels]; nullptr: none
  bool relu = false;
  void* output = nullptr;  ///< [batch][out_step * rows][out_step * columns][out_channels]
};

/// Rows and columns of a phase are those of inputs[0] divided by its step.
void convolve(const KernelSet& kernels, const ConvolutionPlan& plan, const PackedWeights& weights,
              const ConvolutionCall& call, const Workers& workers);

}  // namespace cloudmask
