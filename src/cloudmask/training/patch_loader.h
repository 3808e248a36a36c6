#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "cloudmask/base/bounded_queue.h"
#include "cloudmask/data/augmentation.h"
#include "cloudmask/data/patch_edit.h"
#include "cloudmask/data/patch_store.h"
#include "cloudmask/training/batch.h"
#include "cloudmask/training/batch_upload.h"
#include "cloudmask/training/patch_tensors.h"

namespace cloudmask {

/// What the batches of `patches` take that are there at once: in use, in the making, and ahead.
std::int64_t batches_bytes(std::int64_t patches, int patch_size_px, int channels);

struct LoaderOptions {
  int batch_size = 32;   ///< of all shares together
  Share share;           ///< which part of every batch this process makes
  bool shuffle = false;  ///< a new order each epoch
  bool augment = false;  ///< a random Augmentation for each patch
  AugmentationLimits augmentation;
  std::shared_ptr<const PatchEdit> edit;  ///< what is done to each patch before that; may be empty
  bool drop_last = false;                 ///< leave out an incomplete last batch, unless it is the only one
  bool keep_in_memory = true;             ///< hold the patches from epoch to epoch where they fit
  std::uint64_t seed = 0;
  std::int64_t memory_bytes = 0;  ///< for packed patches, the same in all shares; more is streamed scene by scene
  std::int64_t group_bytes = 0;   ///< patches that are mixed with one another; 0: as the memory of all shares allows
  int threads = 0;
  torch::Device device = torch::kCPU;  ///< where the batches are wanted: they are brought there ahead of their use
  /// Given: packed patches become batches on the device, and stay there where those of this share fit into it and
  /// keep_in_memory says so. Not with an `edit`, which works on the CPU.
  std::optional<std::int64_t> device_memory_bytes;
};

/// Makes the batches of an epoch in a thread of its own, ahead of their use. The patches lie in as many lanes as a
/// batch has patches, scene after scene (in a random order of the seed) and equally long; each step takes one patch of
/// each lane, and a share is a row of lanes. So a share reads scenes of its own, the same ones all along, and the
/// batches are the same however many shares there are. In an epoch the scenes of a lane come in a random order and its
/// patches are mixed, where they do not all fit in memory a number of them at a time: that follows from group_bytes,
/// and the next are read while the current ones are used. The order depends on seed, epoch, batch_size and group_bytes
/// alone, so that an interrupted epoch can go on at any step.
class PatchLoader {
 public:
  PatchLoader(const PatchStore& store, const LoaderOptions& options);
  ~PatchLoader();
  PatchLoader(const PatchLoader&) = delete;
  PatchLoader& operator=(const PatchLoader&) = delete;

  std::int64_t patches() const { return patches_; }  ///< of all shares
  std::int64_t steps_per_epoch() const;
  std::int64_t group_bytes() const { return group_bytes_; }  ///< what it is where LoaderOptions says 0

  /// What the patches of this share take in memory at most: all of them, or two groups, each of one scene a lane at
  /// least. None where they stay on the device.
  std::int64_t needed_bytes() const;

  /// Reads every scene of this share, so that one that cannot be read is found before the first epoch, and keeps those
  /// that fit. Call before start(). Throws what reading a scene threw.
  void read_all();

  /// Begins an epoch at one of its steps (from 0); what was left of the last one is dropped.
  void start(int epoch, std::int64_t first_step = 0);

  /// Empty at the end of the epoch; every share has as many batches, some with fewer patches, or none. Throws what
  /// reading a scene threw.
  std::optional<Batch> next();

 private:
  struct Item {
    int scene;
    int patch;
    Augmentation augmentation;
    std::uint64_t edit_seed;
  };
  using Lane = std::vector<Item>;
  struct LoadedScene {
    std::shared_ptr<const PackedPatches> packed;  ///< for batches made on the CPU
    PatchTensors tensors;                         ///< for others
  };
  using Scenes = std::map<int, LoadedScene>;

  std::vector<Lane> own_lanes() const;
  Lane plan(const Lane& lane, int epoch, std::uint64_t number) const;
  std::set<int> scenes_of(const std::vector<Lane>& lanes, std::int64_t first_step, std::int64_t last_step) const;
  void produce(int epoch, std::int64_t first_step);
  LoadedScene load(int scene, int threads) const;
  Scenes load(const std::vector<int>& scenes) const;
  Batch make_batch(const std::vector<Lane>& lanes, std::int64_t step, const Scenes& scenes) const;
  Batch unpack(const std::vector<Item>& items, const Scenes& scenes) const;
  Batch unpack_on_device(const std::vector<Item>& items, const Scenes& scenes) const;
  void stop();

  const PatchStore& store_;
  LoaderOptions options_;
  BatchUpload upload_;
  std::int64_t patches_ = 0;
  std::int64_t group_bytes_ = 0;
  std::int64_t mixed_steps_ = 0;           ///< in how many steps the patches of a group are used
  std::optional<PatchUnpacker> unpacker_;  ///< of the device
  bool on_device_ = false;                 ///< packed patches stay there
  bool keep_ = false;                      ///< all scenes of this share, as they fit
  std::vector<Lane> lanes_;                ///< this share's, in the order of the scenes
  Scenes resident_;                        ///< from epoch to epoch, with keep_
  std::unique_ptr<BoundedQueue<Batch>> queue_;
  std::exception_ptr fault_;
  std::thread producer_;
};

}  // namespace cloudmask
