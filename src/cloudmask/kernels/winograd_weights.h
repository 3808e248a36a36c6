#pragma once

#include <vector>

#include "cloudmask/kernels/float_buffer.h"
#include "cloudmask/kernels/tiles.h"
#include "cloudmask/kernels/workers.h"

namespace cloudmask {

/// The weights of a 3x3 convolution for one of its inputs.
struct InputWeights {
  const float* weights = nullptr;  ///< [3][3][in_channels][out_channels]
  int in_channels = 0;
  TileKind kind = TileKind::kInput;  ///< of the input
};

/// G g G^T of each kernel, in the order in which the products read it.
class WinogradWeights {
 public:
  WinogradWeights(const KernelSet& kernels, const std::vector<InputWeights>& inputs, int out_channels,
                  const Workers& workers);

  /// [in_channels][KernelSet::tile_columns] of one block of outputs.
  const float* panel(std::size_t input, int position, int block) const {
    return values_.data() + begin_[input] + static_cast<std::size_t>(position * blocks_ + block) * panel_size_[input];
  }
  int out_channels() const { return out_channels_; }
  int blocks() const { return blocks_; }
  const std::vector<InputWeights>& inputs() const { return inputs_; }

 private:
  std::vector<InputWeights> inputs_;
  int out_channels_;
  int blocks_;
  std::vector<std::size_t> begin_;
  std::vector<std::size_t> panel_size_;
  FloatBuffer values_;
};

/// The way back for a gradient: G^T u G of `count` neighbouring kernels. positions[p] points to their values at
/// position p, weights[3 y + x] to those of element (y, x), which are overwritten.
void weights_of_positions(const float* const (&positions)[kTilePositions], int count, float* const (&weights)[9]);

}  // namespace cloudmask
