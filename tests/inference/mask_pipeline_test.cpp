#include "cloudmask/inference/mask_pipeline.h"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

#include "cloudmask/base/files.h"
#include "cloudmask/base/interrupt.h"
#include "cloudmask/metrics/record_bytes.h"
#include "cloudmask/model/model_file.h"
#include "cloudmask/network/network_screener.h"
#include "cloudmask/scene/scene_reader.h"
#include "support/learnable_scenes.h"
#include "support/temporary_folder.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Lets this process map `bytes` more than it has, until the end of the scope.
class MemoryLimit {
 public:
  explicit MemoryLimit(rlim_t bytes) {
    getrlimit(RLIMIT_AS, &before_);
    rlim_t mapped_pages = 0;
    std::ifstream("/proc/self/statm") >> mapped_pages;
    const rlimit lowered{mapped_pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) + bytes, before_.rlim_max};
    setrlimit(RLIMIT_AS, &lowered);
  }
  ~MemoryLimit() { setrlimit(RLIMIT_AS, &before_); }
  MemoryLimit(const MemoryLimit&) = delete;
  MemoryLimit& operator=(const MemoryLimit&) = delete;

 private:
  rlimit before_{};
};

class MaskPipelineTest : public ::testing::Test {
 protected:
  MaskPipelineTest() {
    config_.model.base_filters = 4;
    config_.data.patch_size_px = 64;
    write_learnable_scenes(folder_ / "scenes", 3, 64);
    seed_torch(3, true);
    options_.method_file = folder_ / "model.h5";
    options_.output_dir = folder_ / "masks";
    write_model(options_.method_file, UNet(config_.model)->content());
  }
  ~MaskPipelineTest() override { set_interrupt_requested(false); }

  SingleProcess alone_;

  InferenceRecord run() {
    RunListener silent;
    return run(silent);
  }
  InferenceRecord run(RunListener& listener) { return run(listener, alone_); }
  InferenceRecord run(RunListener& listener, Communicator& ranks) {
    NetworkScreener screener(options_.method_file, config_);
    return mask_scenes(screener, find_scenes(folder_ / "scenes"), options_, listener, ranks);
  }
  void expect_whole_masks() const {
    for (const auto& entry : fs::directory_iterator(options_.output_dir)) {
      EXPECT_EQ(entry.path().extension(), ".h5") << "half-written";
    }
  }
  fs::path mask(int scene) const { return folder_ / ("masks/S3A_" + std::to_string(scene) + ".hdf.h5"); }

  TemporaryFolder folder_;
  Config config_;
  PipelineOptions options_;
};

TEST_F(MaskPipelineTest, WritesOneMaskASceneWithItsOrigin) {
  const InferenceRecord record = run();
  ASSERT_EQ(record.scenes.size(), 3U);
  for (int i = 0; i < 3; ++i) {
    const MaskContent content = read_mask(mask(i));
    EXPECT_EQ(content.origin.scene, "S3A_" + std::to_string(i) + ".hdf");
    EXPECT_EQ(content.origin.method, "network");
    EXPECT_THAT(content.origin.model, HasSubstr("model.h5"));
    EXPECT_EQ(content.mask.height_px, 64);
    EXPECT_TRUE(record.scenes[static_cast<std::size_t>(i)].error.empty());
  }
}

// This rank has another one beside it, which takes the scene in the middle and has told of it before this one asks.
class WithAnotherRank final : public SingleProcess {
 public:
  WithAnotherRank() {
    SceneRecord scene;
    scene.name = "S3A_1.hdf";
    others_ = to_bytes({scene});
    tell_first(others_);
  }
  std::int64_t take_ticket() override { return 2 * SingleProcess::take_ticket(); }
  std::vector<std::string> gather(const std::string& text) override {
    const bool are_names = ++gathered_ == 1;  // of the scenes, the same on all ranks
    return {text, are_names ? text : others_};
  }

 private:
  std::string others_;
  int gathered_ = 0;
};

TEST_F(MaskPipelineTest, TheListenerHearsOfTheScenesOfAllRanksAndHowFarAllAre) {
  class Collector final : public RunListener {
   public:
    void on_scene(const SceneRecord& scene) override { scenes.push_back(scene.name); }
    void on_progress(const ProgressRecord& progress) override {
      EXPECT_EQ(progress.total, 3);
      done.push_back(progress.done);
    }
    std::vector<std::string> scenes;
    std::vector<std::int64_t> done;
  } collector;
  WithAnotherRank ranks;
  EXPECT_EQ(run(collector, ranks).scenes.size(), 3U);
  EXPECT_THAT(collector.scenes, ElementsAre("S3A_1.hdf", "S3A_0.hdf", "S3A_2.hdf"));
  EXPECT_THAT(collector.done, ElementsAre(1, 2, 3));
}

TEST_F(MaskPipelineTest, ABadSceneIsNamedAndTheOthersAreMasked) {
  fs::resize_file(folder_ / "scenes/S3A_1.hdf", 3000);
  const InferenceRecord record = run();
  ASSERT_EQ(record.scenes.size(), 3U);
  EXPECT_THAT(record.scenes[1].error, HasSubstr("S3A_1.hdf"));
  EXPECT_TRUE(fs::exists(mask(0)));
  EXPECT_FALSE(fs::exists(mask(1)));
  EXPECT_TRUE(fs::exists(mask(2)));
}

TEST_F(MaskPipelineTest, DoneScenesAreSkippedUntilSomethingIsNewer) {
  run();
  const auto all_skipped = [](const InferenceRecord& record) {
    return std::all_of(record.scenes.begin(), record.scenes.end(), [](const auto& scene) { return scene.skipped; });
  };
  EXPECT_TRUE(all_skipped(run()));
  fs::last_write_time(folder_ / "scenes/S3A_2.hdf", fs::last_write_time(mask(2)) + std::chrono::seconds(5));
  const InferenceRecord again = run();
  EXPECT_TRUE(again.scenes[0].skipped);
  EXPECT_FALSE(again.scenes[2].skipped);
  options_.overwrite = true;
  EXPECT_FALSE(run().scenes[0].skipped);
}

TEST_F(MaskPipelineTest, AMaskWhoseModelHasVanishedIsMadeAgain) {
  NetworkScreener screener(options_.method_file, config_);
  RunListener silent;
  const auto scenes = find_scenes(folder_ / "scenes");
  mask_scenes(screener, scenes, options_, silent, alone_);
  fs::remove(options_.method_file);
  for (const SceneRecord& scene : mask_scenes(screener, scenes, options_, silent, alone_).scenes) {
    EXPECT_FALSE(scene.skipped);
    EXPECT_EQ(scene.error, "");
  }
}

/// Calls everything cloud.
class CloudyScreener final : public Screener {
 public:
  explicit CloudyScreener(const std::string& model) {
    origin_.method = "cloudy";
    origin_.model = model;
  }
  Mask screen(const Scene& scene) override {
    return {scene.height_px, scene.width_px, std::vector<float>(scene.pixels(), 1.0F), {}, {}};
  }
  const MaskOrigin& origin() const override { return origin_; }

 private:
  MaskOrigin origin_;
};

TEST_F(MaskPipelineTest, TakesAnyMethodAndKeepsNoMaskOfAnother) {
  run();
  RunListener silent;
  const auto scenes = find_scenes(folder_ / "scenes");
  options_.method_file.clear();  // a method need not have a file
  const auto skipped = [&](Screener& screener) {
    return mask_scenes(screener, scenes, options_, silent, alone_).scenes[0].skipped;
  };
  CloudyScreener first("tests of yesterday");
  EXPECT_FALSE(skipped(first)) << "the network's mask";
  EXPECT_EQ(read_mask(mask(0)).origin.method, "cloudy");
  EXPECT_EQ(read_mask(mask(0)).mask.cloud_probability[5], 1.0F);
  EXPECT_TRUE(skipped(first));
  CloudyScreener second("tests of today");
  EXPECT_FALSE(skipped(second));
}

TEST_F(MaskPipelineTest, ASceneThatVanishesIsAFaultOfItsOwn) {
  run();
  auto scenes = find_scenes(folder_ / "scenes");
  fs::remove(scenes[1]);
  NetworkScreener screener(options_.method_file, config_);
  RunListener silent;
  const InferenceRecord record = mask_scenes(screener, scenes, options_, silent, alone_);
  EXPECT_TRUE(record.scenes.at(0).skipped);
  EXPECT_THAT(record.scenes.at(1).error, HasSubstr("S3A_1.hdf"));
  EXPECT_TRUE(record.scenes.at(2).skipped);
}

TEST_F(MaskPipelineTest, AFaultOfTheListenerReachesTheCallerAndLeavesNothingHalfWritten) {
  struct Failing : RunListener {
    void on_scene(const SceneRecord&) override { throw Error("disk full"); }
  } listener;
  write_learnable_scenes(folder_ / "scenes", 12, 64);
  EXPECT_EQ(fault_of([&] { run(listener); }), "disk full");
  expect_whole_masks();
}

TEST_F(MaskPipelineTest, ANetworkThatOverflowsLeavesNoMask) {
  ModelContent model = read_model(options_.method_file);
  for (float& bias : model.convolutions[12].bias) bias = 1e38F;
  for (float& weight : model.convolutions[13].kernel) weight = 1e38F;  // infinite maps
  model.convolutions[14].kernel = {1, -1, 1, -1};                      // infinity - infinity
  write_model(options_.method_file, model);
  const InferenceRecord record = run();
  for (const SceneRecord& scene : record.scenes) {
    EXPECT_THAT(scene.error, AllOf(HasSubstr(scene.name), HasSubstr("model.h5"), HasSubstr("finite")));
  }
  EXPECT_TRUE(fs::is_empty(options_.output_dir));
}

TEST_F(MaskPipelineTest, TooLittleMemoryForATileNamesTheRemedyInEveryScene) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the address sanitizer ends the process when an allocation fails";
#endif
  config_.inference.tile_mode = TileMode::kPatches;
  config_.data.patch_size_px = 8192;  // 2.4 GB of input alone
  NetworkScreener screener(options_.method_file, config_);
  RunListener silent;
  const MemoryLimit limit(rlim_t{1} << 30);
  const InferenceRecord record = mask_scenes(screener, find_scenes(folder_ / "scenes"), options_, silent, alone_);
  ASSERT_EQ(record.scenes.size(), 3U);
  for (const SceneRecord& scene : record.scenes) {
    EXPECT_THAT(scene.error, AllOf(HasSubstr(scene.name), HasSubstr("out of memory"), HasSubstr("tile_px")));
  }
}

TEST_F(MaskPipelineTest, InterruptionKeepsWhatIsDone) {
  struct StopAfterOne : RunListener {
    void on_scene(const SceneRecord&) override { set_interrupt_requested(true); }
  } listener;
  write_learnable_scenes(folder_ / "scenes", 12, 64);  // more than are under way at once
  EXPECT_THROW(run(listener), Interrupted);
  EXPECT_TRUE(fs::exists(mask(0)));
  expect_whole_masks();
}

}  // namespace
}  // namespace cloudmask
