#include "cloudmask/training/patch_loader.h"

#include <algorithm>
#include <future>
#include <numeric>
#include <span>

#include "cloudmask/base/error.h"
#include "cloudmask/base/parallel_for.h"
#include "cloudmask/base/random.h"

namespace cloudmask {
namespace {

constexpr std::size_t kBatchesAhead = 2;

std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

std::int64_t first_lane(const LoaderOptions& options) {
  return std::int64_t{options.batch_size} * options.share.index / options.share.count;
}

std::int64_t lane_after(const LoaderOptions& options) {
  return std::int64_t{options.batch_size} * (options.share.index + 1) / options.share.count;
}

}  // namespace

std::int64_t batches_bytes(std::int64_t patches, int patch_size_px, int channels) {
  constexpr std::int64_t kBatches = 2 + kBatchesAhead;
  constexpr int kTargetAndWeight = 2;
  return kBatches * patches * patch_size_px * patch_size_px * (channels + kTargetAndWeight) *
         static_cast<std::int64_t>(sizeof(float));
}

PatchLoader::PatchLoader(const PatchStore& store, const LoaderOptions& options)
    : store_(store), options_(options), upload_(options.device) {
  CM_CHECK(options.batch_size > 0 && options.share.index < options.share.count);
  for (int scene = 0; scene < store.scenes(); ++scene) patches_ += store.patches(scene);
  const bool all_fit = store.total_bytes() <= options.memory_bytes * options.share.count;
  group_bytes_ = options.group_bytes > 0 ? options.group_bytes
                 : all_fit               ? store.total_bytes()
                                         : std::max<std::int64_t>(options.memory_bytes * options.share.count / 2, 1);
  mixed_steps_ = divide_up(group_bytes_, options.batch_size * packed_bytes(1, store.patch_size_px(), store.channels()));
  lanes_ = own_lanes();
  if (options.device_memory_bytes && !options.edit) {
    unpacker_.emplace(options.device, store.patch_size_px(), store.channels());
    std::int64_t own_bytes = 0;
    for (const int scene : scenes_of(lanes_, 0, patches_)) own_bytes += store.bytes(scene);
    on_device_ = options.keep_in_memory && own_bytes <= *options.device_memory_bytes;
  }
  keep_ = on_device_ || (all_fit && options.keep_in_memory);
}

PatchLoader::~PatchLoader() { stop(); }

void PatchLoader::stop() {
  if (queue_) queue_->close();
  if (producer_.joinable()) producer_.join();
}

std::int64_t PatchLoader::needed_bytes() const {
  if (on_device_) return 0;
  const std::int64_t group = group_bytes_ / options_.share.count;
  const std::int64_t one_each = static_cast<std::int64_t>(lanes_.size()) * store_.total_bytes() / store_.scenes();
  return std::min(store_.total_bytes() / options_.share.count, 2 * std::max(group, one_each));
}

std::int64_t PatchLoader::steps_per_epoch() const {
  const std::int64_t whole = patches_ / options_.batch_size;
  const bool rest = patches_ % options_.batch_size != 0;
  return rest && (!options_.drop_last || whole == 0) ? whole + 1 : whole;
}

std::vector<PatchLoader::Lane> PatchLoader::own_lanes() const {
  std::vector<int> scenes(static_cast<std::size_t>(store_.scenes()));
  std::iota(scenes.begin(), scenes.end(), 0);
  if (options_.shuffle) Random(mix_seed({options_.seed})).shuffle(scenes);
  std::vector<Lane> lanes(static_cast<std::size_t>(lane_after(options_) - first_lane(options_)));
  std::int64_t position = 0;
  std::int64_t lane = 0;
  for (const int scene : scenes) {
    for (int patch = 0; patch < store_.patches(scene); ++patch, ++position) {
      while (position >= patches_ * (lane + 1) / options_.batch_size) ++lane;
      if (lane >= first_lane(options_) && lane < lane_after(options_)) {
        lanes[static_cast<std::size_t>(lane - first_lane(options_))].push_back({scene, patch, {}, 0});
      }
    }
  }
  return lanes;
}

// One epoch of a lane. `number` is its own among those of all shares.
PatchLoader::Lane PatchLoader::plan(const Lane& lane, int epoch, std::uint64_t number) const {
  Random random(mix_seed({options_.seed, static_cast<std::uint64_t>(epoch), number}));
  Lane items;
  items.reserve(lane.size());
  if (options_.shuffle) {
    std::map<int, Lane> by_scene;
    std::vector<int> scenes;
    for (const Item& item : lane) {
      Lane& same = by_scene[item.scene];
      if (same.empty()) scenes.push_back(item.scene);
      same.push_back(item);
    }
    random.shuffle(scenes);
    for (const int scene : scenes) items.insert(items.end(), by_scene[scene].begin(), by_scene[scene].end());
    const auto mixed = static_cast<std::size_t>(mixed_steps_);
    for (std::size_t first = 0; first < items.size(); first += mixed) {
      random.shuffle(std::span(items).subspan(first, std::min(mixed, items.size() - first)));
    }
  } else {
    items = lane;
  }
  if (options_.augment) {
    for (Item& item : items) item.augmentation = draw_augmentation(random, options_.augmentation);
  }
  if (options_.edit) {
    for (Item& item : items) item.edit_seed = random();
  }
  return items;
}

std::set<int> PatchLoader::scenes_of(const std::vector<Lane>& lanes, std::int64_t first_step,
                                     std::int64_t last_step) const {
  std::set<int> scenes;
  for (const Lane& lane : lanes) {
    const auto end = std::min(static_cast<std::size_t>(last_step), lane.size());
    for (auto step = static_cast<std::size_t>(first_step); step < end; ++step) scenes.insert(lane[step].scene);
  }
  return scenes;
}

PatchLoader::LoadedScene PatchLoader::load(int scene, int threads) const {
  LoadedScene loaded{std::make_shared<PackedPatches>(store_.load(scene, threads)), {}};
  if (!unpacker_) return loaded;
  loaded.tensors = as_tensors(loaded.packed);
  if (on_device_) {
    for (torch::Tensor* const part : {&loaded.tensors.channels, &loaded.tensors.targets}) *part = upload_.upload(*part);
  }
  loaded.packed.reset();
  return loaded;
}

PatchLoader::Scenes PatchLoader::load(const std::vector<int>& scenes) const {
  std::vector<LoadedScene> loaded(scenes.size());
  // Scenes side by side, and several threads on each when there are fewer scenes than threads.
  const int threads = options_.threads > 0 ? options_.threads : available_threads();
  const int threads_a_scene = std::max(1, threads / std::max(1, static_cast<int>(scenes.size())));
  parallel_for(
      scenes.size(), [&](std::size_t i) { loaded[i] = load(scenes[i], threads_a_scene); }, threads);
  Scenes result;
  for (std::size_t i = 0; i < scenes.size(); ++i) result.emplace(scenes[i], std::move(loaded[i]));
  return result;
}

void PatchLoader::read_all() {
  const std::set<int> own = scenes_of(lanes_, 0, patches_);
  const std::vector<int> scenes(own.begin(), own.end());
  if (keep_) {
    resident_ = load(scenes);
  } else {
    parallel_for(
        scenes.size(), [&](std::size_t i) { store_.load(scenes[i]); }, options_.threads);
  }
}

Batch PatchLoader::make_batch(const std::vector<Lane>& lanes, std::int64_t step, const Scenes& scenes) const {
  std::vector<Item> items;
  items.reserve(lanes.size());
  for (const Lane& lane : lanes) {
    if (static_cast<std::size_t>(step) < lane.size()) items.push_back(lane[static_cast<std::size_t>(step)]);
  }
  return unpacker_ ? unpack_on_device(items, scenes) : upload_.upload(unpack(items, scenes));
}

Batch PatchLoader::unpack_on_device(const std::vector<Item>& items, const Scenes& scenes) const {
  return upload_.made_by([&] {
    std::vector<PatchUnpacker::Choice> choices;
    choices.reserve(items.size());
    for (const Item& item : items) {
      const PatchTensors& scene = scenes.at(item.scene).tensors;
      choices.push_back({scene.channels[item.patch], scene.targets[item.patch], item.augmentation});
    }
    return unpacker_->unpack(choices, options_.augment);
  });
}

Batch PatchLoader::unpack(const std::vector<Item>& items, const Scenes& scenes) const {
  const auto n = static_cast<std::int64_t>(items.size());
  const std::int64_t size = store_.patch_size_px();
  const auto memory = torch::dtype(torch::kFloat32).pinned_memory(options_.device.is_cuda());
  const auto input = torch::empty({n, size, size, store_.channels()}, memory);
  const auto target = torch::empty({n, 1, size, size}, memory);
  const auto weight = torch::empty({n, 1, size, size}, memory);
  const std::int64_t pixels = size * size;
  for (std::int64_t i = 0; i < n; ++i) {
    const Item& item = items[static_cast<std::size_t>(i)];
    const UnpackedPatch patch{store_.patch_size_px(), store_.channels(),
                              input.data_ptr<float>() + i * pixels * store_.channels(),
                              target.data_ptr<float>() + i * pixels, weight.data_ptr<float>() + i * pixels};
    scenes.at(item.scene).packed->unpack(item.patch, item.augmentation.symmetry, patch);
    if (options_.edit) options_.edit->apply(item.edit_seed, patch);
    if (options_.augment) shift_radiometry(item.augmentation, patch);
  }
  return {input.permute({0, 3, 1, 2}), target, weight};
}

void PatchLoader::produce(int epoch, std::int64_t first_step) {
  std::vector<Lane> lanes;
  lanes.reserve(lanes_.size());
  for (const Lane& lane : lanes_) {
    const auto number = static_cast<std::uint64_t>(first_lane(options_)) + lanes.size();
    lanes.push_back(plan(lane, epoch, number));
  }
  const std::int64_t steps = steps_per_epoch();
  Scenes current = std::move(resident_);
  const auto load_missing = [&](std::int64_t group) {
    std::vector<int> missing;
    for (const int scene : scenes_of(lanes, group * mixed_steps_, std::min((group + 1) * mixed_steps_, steps))) {
      if (!current.contains(scene)) missing.push_back(scene);
    }
    return missing.empty() ? std::future<Scenes>()
                           : std::async(std::launch::async, [this, missing] { return load(missing); });
  };
  std::int64_t group = first_step / mixed_steps_;
  std::future<Scenes> ahead = load_missing(group--);
  for (std::int64_t step = first_step; step < steps; ++step) {
    if (step / mixed_steps_ > group) {
      ++group;
      if (ahead.valid()) current.merge(ahead.get());
      const std::set<int> used = scenes_of(lanes, group * mixed_steps_, (group + 1) * mixed_steps_);
      if (!keep_) std::erase_if(current, [&](const auto& scene) { return !used.contains(scene.first); });
      ahead = load_missing(group + 1);
    }
    if (!queue_->push(make_batch(lanes, step, current))) break;
  }
  if (keep_ && ahead.valid()) current.merge(ahead.get());
  if (keep_) resident_ = std::move(current);
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
