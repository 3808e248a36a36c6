#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "cloudmask/base/bounded_queue.h"
#include "cloudmask/data/augmentation.h"
#include "cloudmask/data/patch_edit.h"
#include "cloudmask/data/patch_store.h"

namespace cloudmask {

/// Patches as tensors on the CPU, fp32.
struct Batch {
  torch::Tensor input;   ///< [N,9,P,P], channels last in memory
  torch::Tensor target;  ///< [N,1,P,P], 1 cloud to 0 clear
  torch::Tensor weight;  ///< [N,1,P,P], 0 where target or pixel are unknown
};

struct LoaderOptions {
  int batch_size = 32;
  bool shuffle = false;  ///< a new order each epoch
  bool augment = false;  ///< a random Augmentation for each patch
  AugmentationLimits augmentation;
  std::shared_ptr<const PatchEdit> edit;  ///< what is done to each patch before that; may be empty
  bool drop_last = false;                 ///< leave out an incomplete last batch, unless it is the only one
  bool keep_in_memory = true;             ///< hold the patches from epoch to epoch where they fit
  std::uint64_t seed = 0;
  std::int64_t memory_bytes = 0;  ///< for packed patches; a data set that needs more is streamed scene by scene
  std::int64_t group_bytes = 0;   ///< patches that are mixed with one another; 0: as memory_bytes allows
  int threads = 0;
};

/// Makes the batches of an epoch in a thread of its own, ahead of their use. The order of an epoch depends on the seed,
/// its number and group_bytes alone, so that an interrupted epoch can go on at any step. When the patches do not all
/// fit in memory, the scenes come in random groups of half the memory, patches are mixed within a group, and the next
/// group is read while the current one is used.
class PatchLoader {
 public:
  PatchLoader(const PatchStore& store, const LoaderOptions& options);
  ~PatchLoader();
  PatchLoader(const PatchLoader&) = delete;
  PatchLoader& operator=(const PatchLoader&) = delete;

  std::int64_t patches() const { return patches_; }
  std::int64_t steps_per_epoch() const;
  std::int64_t group_bytes() const { return group_bytes_; }  ///< what it is where LoaderOptions says 0

  /// Reads every scene, so that one that cannot be read is found before the first epoch, and keeps those that fit.
  /// Call before start(). Throws what reading a scene threw.
  void read_all();

  /// Begins an epoch at one of its steps (from 0); what was left of the last one is dropped.
  void start(int epoch, std::int64_t first_step = 0);

  /// Empty at the end of the epoch. Throws what reading a scene threw.
  std::optional<Batch> next();

 private:
  struct Item {
    int scene;
    int patch;
    int group;
    Augmentation augmentation;
    std::uint64_t edit_seed;
  };
  using Group = std::map<int, std::shared_ptr<const PackedPatches>>;

  std::vector<Item> plan(int epoch, std::vector<std::vector<int>>& groups) const;
  void produce(int epoch, std::int64_t first_step);
  Group load_group(const std::vector<int>& scenes) const;
  Batch make_batch(const std::vector<Item>& items, std::size_t begin, std::size_t end, const Group& scenes) const;
  void stop();

  const PatchStore& store_;
  LoaderOptions options_;
  std::int64_t patches_ = 0;
  std::int64_t group_bytes_ = 0;
  bool all_in_memory_ = false;
  Group resident_;  ///< all scenes, once loaded, when they fit
  std::unique_ptr<BoundedQueue<Batch>> queue_;
  std::exception_ptr fault_;
  std::thread producer_;
};

}  // namespace cloudmask
