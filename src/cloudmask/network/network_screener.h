#pragma once

#include <filesystem>

#include "cloudmask/config/options.h"
#include "cloudmask/network/tile_plan.h"
#include "cloudmask/network/unet.h"
#include "cloudmask/screening/learnt_view.h"
#include "cloudmask/screening/screener.h"
#include "cloudmask/tensor/device.h"

namespace cloudmask {

/// The U-Net as a Screener: tiles a scene, runs the network, puts the probabilities together. Warns once of scenes of
/// another view than the model learnt from.
class NetworkScreener final : public Screener {
 public:
  /// Uses config.machine, config.inference, PATCH_SIZE and batch_size; `sharers` processes of this machine share its
  /// memory. Throws Error when the model cannot be read.
  NetworkScreener(const std::filesystem::path& model_file, const Config& config, int sharers = 1);

  /// A model that is in memory already.
  NetworkScreener(const ModelContent& model, const Config& config, int sharers = 1);

  /// Throws Error naming model and scene when the network computes no finite probability for a pixel that has data.
  Mask screen(const Scene& scene) override;

  /// Model file name and checksum, threshold.
  const MaskOrigin& origin() const override { return origin_; }
  const ComputeTarget& target() const { return target_; }

 private:
  TilePlan plan(const Scene& scene) const;

  Config config_;
  ComputeTarget target_;
  UNet network_{nullptr};
  int tile_px_ = 0;  ///< chosen before the first scene: what is freed after a scene stays with the allocators
  LearntView learnt_view_;
  MaskOrigin origin_;
};

/// Largest side of a tile, a multiple of 8, whose activations fit in `memory_bytes`; at least 64 px.
int tile_size_for(std::int64_t memory_bytes, int base_filters, std::size_t bytes_per_value);

}  // namespace cloudmask
