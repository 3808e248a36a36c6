#include "cloudmask/training/patch_loader.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <fstream>

#include "cloudmask/base/files.h"
#include "cloudmask/scene/scene_reader.h"
#include "support/learnable_scenes.h"
#include "support/temporary_folder.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr std::int64_t kPlenty_bytes = std::int64_t{1} << 30;

class PatchLoaderTest : public ::testing::Test {
 protected:
  PatchLoaderTest() {
    write_learnable_scenes(folder_.path(), 3, 64);  // 3 scenes of 2x2 patches
    config_.data.patch_size_px = 32;
    store_ = std::make_unique<PatchStore>(find_scenes(folder_.path()), config_);
  }

  LoaderOptions loader(int batch_size) const {
    LoaderOptions options;
    options.batch_size = batch_size;
    options.seed = 5;
    options.memory_bytes = kPlenty_bytes;
    return options;
  }

  // A number that tells every patch and symmetry from the others.
  static std::vector<double> fingerprints(const Batch& batch) {
    const auto ramp = torch::arange(10 * 32 * 32, torch::kFloat64).reshape({10, 32, 32});
    std::vector<double> sums;
    for (std::int64_t i = 0; i < batch.input.size(0); ++i) {
      sums.push_back((batch.input[i].to(torch::kFloat64) * ramp).sum().item<double>());
    }
    return sums;
  }

  static std::vector<double> epoch(PatchLoader& loader, int number, std::int64_t first_step = 0) {
    std::vector<double> all;
    loader.start(number, first_step);
    while (auto batch = loader.next()) {
      for (const double sum : fingerprints(*batch)) all.push_back(sum);
    }
    return all;
  }

  static std::vector<double> sorted(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values;
  }

  TemporaryFolder folder_;
  Config config_;
  std::unique_ptr<PatchStore> store_;
};

// Writes its seed into the second pixel of a patch.
class SeedWriter final : public PatchEdit {
 public:
  void apply(std::uint64_t seed, const UnpackedPatch& patch) const override {
    patch.input[patch.channels] = static_cast<float>(seed >> 40U);
  }
};

TEST_F(PatchLoaderTest, EditsFollowFromSeedAndEpochAlone) {
  LoaderOptions options = loader(5);
  options.edit = std::make_shared<SeedWriter>();
  PatchLoader once(*store_, options);
  PatchLoader again(*store_, options);
  const auto first = epoch(once, 1);
  EXPECT_EQ(epoch(again, 1), first);
  EXPECT_NE(epoch(once, 2), first);
  const auto rest = epoch(again, 1, 1);
  EXPECT_TRUE(std::equal(rest.begin(), rest.end(), first.begin() + 5, first.end()));
}

TEST_F(PatchLoaderTest, EditsAreMadeWhereverTheBatchesAreWanted) {
  LoaderOptions options = loader(5);
  options.edit = std::make_shared<SeedWriter>();
  PatchLoader by_cpu(*store_, options);
  options.device_memory_bytes = kPlenty_bytes;
  PatchLoader on_device(*store_, options);
  EXPECT_EQ(epoch(on_device, 1), epoch(by_cpu, 1));
}

TEST_F(PatchLoaderTest, EveryPatchComesOnceAnEpochInANewOrder) {
  LoaderOptions options = loader(5);
  options.shuffle = true;
  PatchLoader shuffled(*store_, options);
  PatchLoader plain(*store_, loader(5));
  EXPECT_EQ(shuffled.steps_per_epoch(), 3);
  const auto in_order = epoch(plain, 1);
  const auto first = epoch(shuffled, 1);
  const auto second = epoch(shuffled, 2);
  EXPECT_EQ(in_order.size(), 12U);
  EXPECT_NE(first, in_order);
  EXPECT_NE(first, second);
  EXPECT_EQ(sorted(first), sorted(in_order));
  EXPECT_EQ(sorted(second), sorted(in_order));
}

TEST_F(PatchLoaderTest, AnEpochGoesOnAtAnyStep) {
  LoaderOptions options = loader(4);
  options.shuffle = options.augment = true;
  PatchLoader one(*store_, options);
  PatchLoader other(*store_, options);
  const auto whole = epoch(one, 7);
  const auto rest = epoch(other, 7, 2);
  EXPECT_EQ(rest, std::vector<double>(whole.begin() + 8, whole.end()));
}

TEST_F(PatchLoaderTest, SharesTogetherMakeTheBatchesOfOneProcess) {
  for (const int batch_size : {2, 5, 7}) {  // 12 patches
    LoaderOptions options = loader(batch_size);
    options.shuffle = options.augment = true;
    PatchLoader whole(*store_, options);
    for (const int shares : {2, 3, 4}) {
      std::vector<std::unique_ptr<PatchLoader>> parts;
      options.share.count = shares;
      for (options.share.index = 0; options.share.index < shares; ++options.share.index) {
        parts.push_back(std::make_unique<PatchLoader>(*store_, options));
        EXPECT_EQ(parts.back()->steps_per_epoch(), whole.steps_per_epoch());
        parts.back()->start(3);
      }
      whole.start(3);
      while (const auto batch = whole.next()) {
        std::vector<double> together;
        for (const auto& part : parts) {
          for (const double sum : fingerprints(part->next().value())) together.push_back(sum);
        }
        EXPECT_EQ(together, fingerprints(*batch)) << shares << " shares of " << batch_size;
      }
      for (const auto& part : parts) EXPECT_FALSE(part->next().has_value());
      options.share = {};
    }
  }
}

// Also of shares without a patch in the last batch.
TEST_F(PatchLoaderTest, BatchesMadeOnTheDeviceAreThoseMadeByTheCpu) {
  LoaderOptions options = loader(5);
  options.shuffle = options.augment = true;
  options.augmentation = {3, 0.1};
  options.share.count = 2;
  for (options.share.index = 0; options.share.index < 2; ++options.share.index) {
    for (const std::int64_t memory_bytes : {kPlenty_bytes, store_->bytes(0)}) {
      options.memory_bytes = memory_bytes;
      options.device_memory_bytes.reset();
      PatchLoader by_cpu(*store_, options);
      options.group_bytes = by_cpu.group_bytes();
      for (const std::int64_t device_memory_bytes : {kPlenty_bytes, std::int64_t{0}}) {
        options.device_memory_bytes = device_memory_bytes;
        PatchLoader on_device(*store_, options);
        for (const int number : {1, 2}) {
          by_cpu.start(number);
          on_device.start(number);
          while (const auto expected = by_cpu.next()) {
            const auto found = on_device.next();
            ASSERT_TRUE(found.has_value());
            EXPECT_TRUE(torch::equal(found->input, expected->input));
            EXPECT_TRUE(torch::equal(found->target, expected->target));
            EXPECT_TRUE(torch::equal(found->weight, expected->weight));
          }
          EXPECT_FALSE(on_device.next().has_value());
        }
      }
      options.group_bytes = 0;
    }
  }
}

TEST_F(PatchLoaderTest, PatchesStayOnTheDeviceWhereTheyFit) {
  LoaderOptions options = loader(4);
  options.memory_bytes = store_->bytes(0);  // of the host: one scene at a time
  options.device_memory_bytes = store_->total_bytes();
  PatchLoader resident(*store_, options);
  EXPECT_EQ(resident.needed_bytes(), 0);
  *options.device_memory_bytes -= 1;
  PatchLoader streaming(*store_, options);
  EXPECT_GT(streaming.needed_bytes(), 0);
  EXPECT_EQ(epoch(resident, 1), epoch(streaming, 1));
  for (const auto& scene : find_scenes(folder_.path())) fs::remove(scene);
  EXPECT_EQ(epoch(resident, 2).size(), 12U);
  EXPECT_THROW(epoch(streaming, 2), Error);
}

TEST_F(PatchLoaderTest, AShareReadsItsOwnScenesOnly) {
  LoaderOptions options = loader(3);
  options.share = {.index = 0, .count = 3};
  PatchLoader own(*store_, options);
  own.read_all();
  fs::remove(folder_ / "S3A_1.hdf");
  fs::remove(folder_ / "S3A_2.hdf");
  options.memory_bytes = store_->bytes(0) / 4;  // nothing is kept
  PatchLoader streaming(*store_, options);
  EXPECT_EQ(epoch(own, 1).size(), 4U);
  EXPECT_EQ(epoch(streaming, 1), epoch(own, 1));
}

TEST_F(PatchLoaderTest, DropLastLeavesOutTheIncompleteBatch) {
  LoaderOptions options = loader(5);
  options.drop_last = true;
  PatchLoader loader(*store_, options);
  EXPECT_EQ(loader.steps_per_epoch(), 2);
  EXPECT_EQ(epoch(loader, 1).size(), 10U);
}

TEST_F(PatchLoaderTest, AnIncompleteBatchThatIsTheOnlyOneStays) {
  LoaderOptions options = loader(32);
  options.drop_last = true;
  PatchLoader loader(*store_, options);
  EXPECT_EQ(loader.steps_per_epoch(), 1);
  EXPECT_EQ(epoch(loader, 1).size(), 12U);
}

TEST_F(PatchLoaderTest, StreamingFromDiskGivesTheSamePatches) {
  LoaderOptions options = loader(5);
  options.shuffle = true;
  options.memory_bytes = store_->bytes(0);  // one scene at a time
  PatchLoader streaming(*store_, options);
  PatchLoader plain(*store_, loader(5));
  EXPECT_EQ(sorted(epoch(streaming, 1)), sorted(epoch(plain, 1)));
  EXPECT_EQ(epoch(streaming, 2), epoch(streaming, 2)) << "same seed and epoch, same order";
}

TEST_F(PatchLoaderTest, TheOrderDependsOnTheGroupsNotOnTheMemory) {
  LoaderOptions options = loader(5);
  options.shuffle = options.drop_last = true;
  options.memory_bytes = 2 * store_->bytes(0);  // groups of one scene
  PatchLoader streaming(*store_, options);
  options.group_bytes = streaming.group_bytes();
  options.memory_bytes = kPlenty_bytes;
  PatchLoader resident(*store_, options);
  for (const int number : {1, 2, 3}) EXPECT_EQ(epoch(streaming, number), epoch(resident, number)) << number;
  EXPECT_EQ(epoch(streaming, 4, 1), epoch(resident, 4, 1)) << "in the middle of an epoch";
  EXPECT_EQ(epoch(streaming, 5), epoch(resident, 5));
}

TEST_F(PatchLoaderTest, ScenesInMemoryAreReadOnce) {
  LoaderOptions options = loader(4);
  options.group_bytes = store_->bytes(0);
  PatchLoader loader(*store_, options);
  const auto first = epoch(loader, 1);
  for (const auto& scene : find_scenes(folder_.path())) fs::remove(scene);
  EXPECT_EQ(epoch(loader, 2), first);
}

TEST_F(PatchLoaderTest, BatchesAreWhatTheNetworkTakes) {
  PatchLoader loader(*store_, this->loader(4));
  loader.start(1);
  const auto batch = loader.next();
  ASSERT_TRUE(batch.has_value());
  EXPECT_EQ(batch->input.sizes(), (std::vector<std::int64_t>{4, 10, 32, 32}));
  EXPECT_TRUE(batch->input.is_contiguous(torch::MemoryFormat::ChannelsLast));
  EXPECT_EQ(batch->target.sizes(), (std::vector<std::int64_t>{4, 1, 32, 32}));
  EXPECT_EQ(batch->weight.min().item<float>(), 1.0F);
  // The scenes' clouds are cold: (255 - 270) / 22 K against (285 - 270) / 22 K.
  const auto cold = batch->input.slice(1, 7, 8) < 0;
  EXPECT_TRUE(torch::equal(cold, batch->target > 0.5));
}

TEST_F(PatchLoaderTest, AnUnreadableSceneEndsTheEpochWithItsName) {
  fs::resize_file(folder_ / "S3A_1.hdf", 4000);
  PatchLoader loader(*store_, this->loader(4));
  EXPECT_THAT(fault_of([&] { epoch(loader, 1); }), HasSubstr("S3A_1.hdf"));
}

TEST_F(PatchLoaderTest, KeepGoingTurnsAnUnreadableSceneIntoUnknownPixels) {
  config_.data.keep_going = true;
  const PatchStore store(find_scenes(folder_.path()), config_);
  fs::resize_file(folder_ / "S3A_1.hdf", 4000);
  PatchLoader loader(store, this->loader(12));
  loader.start(1);
  const auto batch = loader.next();
  ASSERT_TRUE(batch.has_value());
  EXPECT_EQ(batch->weight.sum().item<float>(), 8 * 32 * 32) << "the other two scenes";
}

TEST_F(PatchLoaderTest, SaysHowMuchMemoryItTakes) {
  EXPECT_EQ(PatchLoader(*store_, loader(1)).needed_bytes(), store_->total_bytes());
  LoaderOptions options = loader(1);
  options.memory_bytes = 1;
  EXPECT_EQ(PatchLoader(*store_, options).needed_bytes(), 2 * store_->bytes(0)) << "this scene and the next";
}

TEST_F(PatchLoaderTest, AbandoningAnEpochDoesNotHang) {
  PatchLoader loader(*store_, this->loader(1));
  loader.start(1);
  EXPECT_TRUE(loader.next().has_value());
  loader.start(2);
  EXPECT_TRUE(loader.next().has_value());
}

class PatchStoreTest : public PatchLoaderTest {
 protected:
  std::vector<double> patches_with_cache() {
    config_.data.cache_dir = folder_ / "cache";
    const PatchStore cached(find_scenes(folder_.path()), config_);
    PatchLoader loader(cached, this->loader(4));
    return epoch(loader, 1);
  }
  fs::path cache_file() {
    for (const auto& entry : fs::directory_iterator(folder_ / "cache")) {
      if (entry.path().filename().string().starts_with("S3A_1")) return entry.path();
    }
    return {};
  }
};

TEST_F(PatchStoreTest, CacheGivesTheSamePatchesWithoutTheScene) {
  const auto first = patches_with_cache();
  // What the cache's key does not see of a scene: bytes that are in no sampled block. Whoever reads it sees them.
  const fs::path scene = folder_ / "S3A_1.hdf";
  const auto time = fs::last_write_time(scene);
  std::string bytes = read_file(scene);
  ASSERT_GT(bytes.size(), 2U * 16 * 4096);
  for (std::size_t block = 0; block < 16; ++block) {
    const std::size_t begin = bytes.size() / 16 * block + 4096;
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(begin + 64),
              bytes.begin() + static_cast<std::ptrdiff_t>(begin + 128), '\0');
  }
  std::ofstream(scene, std::ios::binary | std::ios::in).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  fs::last_write_time(scene, time);
  EXPECT_EQ(patches_with_cache(), first);
  fs::remove(cache_file());
  EXPECT_NE(patches_with_cache(), first);
}

TEST_F(PatchStoreTest, TornCacheIsMadeAnew) {
  const auto first = patches_with_cache();
  const auto size_bytes = fs::file_size(cache_file());
  fs::resize_file(cache_file(), size_bytes / 2);
  EXPECT_EQ(patches_with_cache(), first);
  EXPECT_EQ(fs::file_size(cache_file()), size_bytes);
}

TEST_F(PatchStoreTest, CacheOfAChangedSceneIsMadeAnew) {
  const auto first = patches_with_cache();
  const auto time = fs::last_write_time(folder_ / "S3A_1.hdf");
  const auto old_size = fs::file_size(folder_ / "S3A_1.hdf");
  write_scene(folder_ / "S3A_1.hdf", make_learnable_scene(64, 9));
  fs::last_write_time(folder_ / "S3A_1.hdf", time);
  EXPECT_EQ(fs::file_size(folder_ / "S3A_1.hdf"), old_size) << "same size, same time";
  const auto second = patches_with_cache();
  EXPECT_NE(second, first);
  EXPECT_EQ(patches_with_cache(), second);
}

TEST_F(PatchStoreTest, CacheOfASceneWithAnOlderTimeIsMadeAnew) {
  const auto first = patches_with_cache();
  const auto written = fs::last_write_time(cache_file());
  fs::last_write_time(folder_ / "S3A_1.hdf", written - std::chrono::hours(1));
  EXPECT_EQ(patches_with_cache(), first);
  EXPECT_GT(fs::last_write_time(cache_file()), written);
}

TEST_F(PatchStoreTest, CacheThatCannotBeWrittenIsSaidOnceAndDoesNoHarm) {
  PatchLoader plain(*store_, loader(4));
  const auto expected = epoch(plain, 1);
  write_file_atomically(folder_ / "cache", "not a folder");
  ::testing::internal::CaptureStderr();
  config_.data.cache_dir = folder_ / "cache";
  const auto cache = std::make_shared<PatchCache>(config_.data.cache_dir);
  for (int store = 0; store < 2; ++store) {
    const PatchStore cached(find_scenes(folder_.path()), config_, std::make_shared<ProvidedLabels>(), cache);
    PatchLoader loader(cached, this->loader(4));
    EXPECT_EQ(epoch(loader, 1), expected);
  }
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1) << said;
  EXPECT_THAT(said, HasSubstr("cannot keep prepared patches"));
}

TEST_F(PatchStoreTest, ScenesSmallerThanAPatchAreRefusedWithTheRemedy) {
  config_.data.patch_size_px = 128;
  EXPECT_THAT(fault_of([&] { PatchStore(find_scenes(folder_.path()), config_); }),
              HasSubstr("set a smaller PATCH_SIZE"));
}

}  // namespace
}  // namespace cloudmask
