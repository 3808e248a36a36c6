#include <gmock/gmock.h>

#include "cloudmask/base/files.h"
#include "cloudmask/base/interrupt.h"
#include "cloudmask/base/random.h"
#include "cloudmask/scene/scene_writer.h"
#include "cloudmask/training/trainer.h"
#include "support/cloudy_scene.h"
#include "support/temporary_folder.h"

namespace cloudmask {
namespace {

using ::testing::HasSubstr;

class UnsupervisedTest : public ::testing::Test {
 protected:
  enum class Labels { kNone, kRandom };

  UnsupervisedTest() {
    config_.data.train_dir = folder_.path();
    config_.data.patch_size_px = 32;
    config_.model.base_filters = 4;
    config_.training.supervision = Supervision::kNone;
    config_.training.batch_size = 4;
    config_.training.epochs = 3;
    config_.training.deterministic = true;
    config_.machine.threads = 2;
    config_.machine.precision = Precision::kFp32;
    config_.report.model_file = folder_ / "model.h5";
  }

  void write_scenes(Labels labels) {
    Random random(3);
    for (int i = 0; i < 5; ++i) {
      Scene scene = make_cloudy_scene(64, i % 2 == 0 ? Sun::kDay : Sun::kNight);
      for (std::size_t pixel = 0; labels == Labels::kRandom && pixel < scene.pixels(); ++pixel) {
        scene.label.push_back(static_cast<std::uint8_t>(random.below(2)));
      }
      write_scene(folder_ / ("S3A_" + std::to_string(i) + ".hdf"), scene);
    }
  }

  void train(bool resume = false) { train(resume, silent_); }
  void train(bool resume, RunListener& listener) {
    Trainer(config_, alone_, listener, std::int64_t{1} << 30).run(resume);
  }
  std::string model_bytes() const { return read_file(config_.report.model_file); }

  TemporaryFolder folder_;
  Config config_;
  SingleProcess alone_;
  RunListener silent_;
};

TEST_F(UnsupervisedTest, GivesTheSameModelWithoutLabelsAndWithRandomOnes) {
  write_scenes(Labels::kNone);
  train();
  const std::string model = model_bytes();
  write_scenes(Labels::kRandom);
  train();
  EXPECT_TRUE(model_bytes() == model);
  EXPECT_EQ(read_model(config_.report.model_file).notes.training.at("supervision"), "none");
  config_.training.supervision = Supervision::kBoth;
  train();
  EXPECT_FALSE(model_bytes() == model);
}

TEST_F(UnsupervisedTest, ResumedRunGivesTheBitsOfTheUndisturbedOne) {
  class Interrupter : public RunListener {
    void on_progress(const ProgressRecord& progress) override {
      if (progress.epoch == 2 && progress.done == 1) set_interrupt_requested(true);
    }
  } interrupter;
  write_scenes(Labels::kNone);
  train();
  const std::string model = model_bytes();
  EXPECT_THROW(train(false, interrupter), Interrupted);
  set_interrupt_requested(false);
  train(true);
  EXPECT_TRUE(model_bytes() == model);
}

TEST_F(UnsupervisedTest, ResumingWithLabelsOrAfterOtherScenesIsRefused) {
  write_scenes(Labels::kRandom);
  train();
  config_.training.supervision = Supervision::kLabels;
  EXPECT_THAT(fault_of([&] { train(true); }), HasSubstr("supervision = none, now it is labels"));
  config_.training.supervision = Supervision::kNone;
  for (int i = 0; i < 5; ++i) {
    write_scene(folder_ / ("S3A_" + std::to_string(i) + ".hdf"), make_cloudy_scene(64, Sun::kNight));
  }
  EXPECT_THAT(fault_of([&] { train(true); }), HasSubstr("was made with teacher = "));
}

}  // namespace
}  // namespace cloudmask
