#include "cloudmask/data/patch_loader.h"

#include <algorithm>
#include <future>
#include <numeric>

#include "cloudmask/base/error.h"
#include "cloudmask/base/parallel_for.h"
#include "cloudmask/base/random.h"

namespace cloudmask {
namespace {

constexpr std::size_t kBatchesAhead = 2;

}  // namespace

PatchLoader::PatchLoader(const PatchStore& store, const LoaderOptions& options) : store_(store), options_(options) {
  CM_CHECK(options.batch_size > 0);
  for (int scene = 0; scene < store.scenes(); ++scene) patches_ += store.patches(scene);
  all_in_memory_ = store.total_bytes() <= options.memory_bytes;
  group_bytes_ = options.group_bytes > 0 ? options.group_bytes
                 : all_in_memory_        ? store.total_bytes()
                                         : std::max<std::int64_t>(options.memory_bytes / 2, 1);
}

PatchLoader::~PatchLoader() { stop(); }

void PatchLoader::stop() {
  if (queue_) queue_->close();
  if (producer_.joinable()) producer_.join();
}

std::int64_t PatchLoader::steps_per_epoch() const {
  const std::int64_t whole = patches_ / options_.batch_size;
  const bool rest = patches_ % options_.batch_size != 0;
  return rest && (!options_.drop_last || whole == 0) ? whole + 1 : whole;
}

// Every patch once, with the group of scenes it belongs to; groups come one after the other.
std::vector<PatchLoader::Item> PatchLoader::plan(int epoch, std::vector<std::vector<int>>& groups) const {
  Random random(mix_seed({options_.seed, static_cast<std::uint64_t>(epoch)}));
  std::vector<int> scenes(static_cast<std::size_t>(store_.scenes()));
  std::iota(scenes.begin(), scenes.end(), 0);
  if (options_.shuffle) random.shuffle(scenes);

  groups.clear();
  std::int64_t room_bytes = 0;
  for (const int scene : scenes) {
    room_bytes -= store_.bytes(scene);
    if (groups.empty() || room_bytes < 0) {
      groups.emplace_back();
      room_bytes = group_bytes_ - store_.bytes(scene);
    }
    groups.back().push_back(scene);
  }

  std::vector<Item> items;
  items.reserve(static_cast<std::size_t>(patches_));
  for (int group = 0; group < static_cast<int>(groups.size()); ++group) {
    std::vector<Item> mixed;
    for (const int scene : groups[static_cast<std::size_t>(group)]) {
      for (int patch = 0; patch < store_.patches(scene); ++patch) mixed.push_back({scene, patch, group, {}, 0});
    }
    if (options_.shuffle) random.shuffle(mixed);
    items.insert(items.end(), mixed.begin(), mixed.end());
  }
  if (options_.augment) {
    for (Item& item : items) item.augmentation = draw_augmentation(random, options_.augmentation);
  }
  if (options_.edit) {
    for (Item& item : items) item.edit_seed = random();
  }
  return items;
}

PatchLoader::Group PatchLoader::load_group(const std::vector<int>& scenes) const {
  std::vector<std::shared_ptr<const PackedPatches>> loaded(scenes.size());
  // Scenes side by side, and several threads on each when there are fewer scenes than threads.
  const int threads = options_.threads > 0 ? options_.threads : available_threads();
  const int threads_a_scene = std::max(1, threads / std::max(1, static_cast<int>(scenes.size())));
  parallel_for(
      scenes.size(),
      [&](std::size_t i) { loaded[i] = std::make_shared<PackedPatches>(store_.load(scenes[i], threads_a_scene)); },
      threads);
  Group group;
  for (std::size_t i = 0; i < scenes.size(); ++i) group.emplace(scenes[i], std::move(loaded[i]));
  return group;
}

void PatchLoader::read_all() {
  std::vector<int> scenes(static_cast<std::size_t>(store_.scenes()));
  std::iota(scenes.begin(), scenes.end(), 0);
  if (all_in_memory_ && options_.keep_in_memory) {
    resident_ = load_group(scenes);
  } else {
    parallel_for(
        scenes.size(), [&](std::size_t i) { store_.load(scenes[i]); }, options_.threads);
  }
}

Batch PatchLoader::make_batch(const std::vector<Item>& items, std::size_t begin, std::size_t end,
                              const Group& scenes) const {
  const auto n = static_cast<std::int64_t>(end - begin);
  const std::int64_t size = store_.patch_size_px();
  const auto input = torch::empty({n, size, size, kChannels});
  const auto target = torch::empty({n, 1, size, size});
  const auto weight = torch::empty({n, 1, size, size});
  const std::int64_t pixels = size * size;
  for (std::int64_t i = 0; i < n; ++i) {
    const Item& item = items[begin + static_cast<std::size_t>(i)];
    float* patch = input.data_ptr<float>() + i * pixels * kChannels;
    float* patch_target = target.data_ptr<float>() + i * pixels;
    float* patch_weight = weight.data_ptr<float>() + i * pixels;
    scenes.at(item.scene)->unpack(item.patch, item.augmentation.symmetry, patch, patch_target, patch_weight);
    if (options_.edit) {
      options_.edit->apply(item.edit_seed, store_.patch_size_px(), patch, patch_target, patch_weight);
    }
    if (options_.augment) shift_radiometry(item.augmentation, patch, static_cast<std::size_t>(pixels));
  }
  return {input.permute({0, 3, 1, 2}), target, weight};
}

void PatchLoader::produce(int epoch, std::int64_t first_step) {
  std::vector<std::vector<int>> groups;
  const auto items = plan(epoch, groups);
  const auto first = static_cast<std::size_t>(first_step * options_.batch_size);
  const auto last = std::min(items.size(), static_cast<std::size_t>(steps_per_epoch() * options_.batch_size));
  if (first >= last) return;

  const bool keep = all_in_memory_ && options_.keep_in_memory;
  Group current = std::move(resident_);
  int oldest = items[first].group;  // groups in `current`: [oldest, newest]
  int newest = current.empty() ? oldest - 1 : static_cast<int>(groups.size()) - 1;
  const auto load_ahead = [&](int group) {
    if (group >= static_cast<int>(groups.size())) return std::future<Group>();
    return std::async(std::launch::async,
                      [this, &scenes = groups[static_cast<std::size_t>(group)]] { return load_group(scenes); });
  };
  std::future<Group> ahead = load_ahead(newest + 1);
  for (std::size_t begin = first; begin < last; begin += static_cast<std::size_t>(options_.batch_size)) {
    const std::size_t end = std::min(begin + static_cast<std::size_t>(options_.batch_size), last);
    for (; newest < items[end - 1].group; ++newest) {
      current.merge(ahead.get());
      ahead = load_ahead(newest + 2);
    }
    if (!queue_->push(make_batch(items, begin, end, current))) break;
    for (; !keep && end < last && oldest < items[end].group; ++oldest) {
      for (const int scene : groups[static_cast<std::size_t>(oldest)]) current.erase(scene);
    }
  }
  if (keep && ahead.valid()) current.merge(ahead.get());  // all of its patches are in the batch that drop_last left out
  if (keep && static_cast<int>(current.size()) == store_.scenes()) resident_ = std::move(current);
}

void PatchLoader::start(int epoch, std::int64_t first_step) {
  stop();
  fault_ = nullptr;
  queue_ = std::make_unique<BoundedQueue<Batch>>(kBatchesAhead);
  producer_ = std::thread([this, epoch, first_step] {
    try {
      produce(epoch, first_step);
    } catch (...) {
      fault_ = std::current_exception();
    }
    queue_->close();
  });
}

std::optional<Batch> PatchLoader::next() {
  CM_CHECK(queue_ != nullptr);
  auto batch = queue_->pop();
  if (!batch) {
    producer_.join();
    if (fault_) std::rethrow_exception(fault_);
  }
  return batch;
}

}  // namespace cloudmask
