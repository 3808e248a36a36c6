#pragma once

#include <torch/torch.h>

#include <memory>
#include <vector>

#include "cloudmask/data/augmentation.h"
#include "cloudmask/data/packed_patches.h"
#include "cloudmask/training/batch.h"

namespace cloudmask {

/// PackedPatches as tensors, on any device.
struct PatchTensors {
  torch::Tensor channels;  ///< [count,P,P,C] int16, in packed_step()
  torch::Tensor targets;   ///< [count,P,P] uint8
};

/// The same memory, which lives as long as the tensors.
PatchTensors as_tensors(const std::shared_ptr<const PackedPatches>& patches);

/// Makes batches by operations on a device, which brings half of the bytes there that unpacked patches have, or none
/// where they lie there already.
class PatchUnpacker {
 public:
  struct Choice {
    torch::Tensor channels;  ///< [P,P,C], of PatchTensors
    torch::Tensor targets;   ///< [P,P]
    Augmentation augmentation;
  };

  PatchUnpacker(const torch::Device& device, int patch_size_px, int channels);

  /// On the device, what PackedPatches::unpack makes of the same patches on the CPU, and with `augment` also
  /// shift_radiometry(): on a CPU without fused multiply-add to the last bit. All choices lie on the same device.
  Batch unpack(const std::vector<Choice>& choices, bool augment) const;

 private:
  Batch unpack(const torch::Tensor& channels, const torch::Tensor& targets) const;
  void shift(const torch::Tensor& input, const std::vector<Choice>& choices) const;

  torch::Device device_;
  std::int64_t patch_size_px_;
  std::int64_t channels_;
  torch::Tensor steps_;         // [C]
  torch::Tensor surely_cloud_;  // scalar: by a number of the host's, GPUs multiply with its inverse
};

}  // namespace cloudmask
