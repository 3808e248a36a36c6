#include "cloudmask/training/trainer.h"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <csignal>

#include "cloudmask/base/files.h"
#include "cloudmask/base/interrupt.h"
#include "cloudmask/data/split.h"
#include "support/learnable_scenes.h"
#include "support/temporary_folder.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

// Asks for an end after some step of some epoch, as Ctrl-C would.
class Interrupter : public RunListener {
 public:
  Interrupter(int epoch, std::int64_t step, std::string activity = "training")
      : epoch_(epoch), step_(step), activity_(std::move(activity)) {}
  ~Interrupter() override { set_interrupt_requested(false); }
  void on_progress(const ProgressRecord& progress) override {
    if (progress.activity == activity_ && progress.epoch == epoch_ && progress.done == step_) {
      set_interrupt_requested(true);
    }
  }

 private:
  int epoch_;
  std::int64_t step_;
  std::string activity_;
};

// Asks for an end before the first step.
class EarlyInterrupter final : public RunListener {
 public:
  ~EarlyInterrupter() override { set_interrupt_requested(false); }
  void on_training_start(const MachineRecord& /*machine*/, const TrainingRecord& /*planned*/) override {
    set_interrupt_requested(true);
  }
};

class TrainerTest : public ::testing::Test {
 protected:
  TrainerTest() {
    write_learnable_scenes(folder_.path(), 5, 64);
    config_.data.train_dir = folder_.path();
    config_.data.patch_size_px = 32;
    config_.model.base_filters = 4;
    config_.training.batch_size = 4;
    config_.training.epochs = 3;
    config_.training.learning_rate = 0.01;
    config_.training.deterministic = true;
    config_.machine.threads = 2;
    config_.machine.precision = Precision::kFp32;
    config_.report.model_file = folder_ / "model.h5";
  }

  TrainingRecord train(bool resume = false) { return train(resume, silent_); }
  TrainingRecord train(bool resume, RunListener& listener) {
    return Trainer(config_, alone_, listener, memory_bytes_).run(resume);
  }

  TemporaryFolder folder_;
  Config config_;
  SingleProcess alone_;
  RunListener silent_;
  std::int64_t memory_bytes_ = std::int64_t{1} << 30;
};

TEST_F(TrainerTest, LearnsScenesAndWritesTheModel) {
  config_.training.epochs = 30;
  config_.model.base_filters = 8;
  config_.data.temperature_jitter_k = 0;  // temperature alone tells these clouds
  const TrainingRecord record = train();
  ASSERT_EQ(record.epochs.size(), 30U);
  EXPECT_EQ(record.training_scenes, 4);
  EXPECT_EQ(record.test_scenes, 1);
  EXPECT_LT(record.epochs.back().train_loss, record.epochs.front().train_loss);
  EXPECT_GT(record.epochs.back().test_accuracy, 0.9);
  EXPECT_EQ(record.stopped_because, "epochs");
  const ModelContent model = read_model(config_.report.model_file);
  EXPECT_EQ(model.notes.training.at("epochs"), "30");
}

TEST_F(TrainerTest, AnEndBeforeTheFirstStepLeavesACheckpointAndNoModel) {
  train();
  const std::string model = read_file(config_.report.model_file);
  fs::remove(config_.report.model_file);
  EarlyInterrupter interrupter;
  EXPECT_THROW(train(false, interrupter), Interrupted);
  set_interrupt_requested(false);
  EXPECT_FALSE(fs::exists(config_.report.model_file));
  train(true);
  EXPECT_TRUE(read_file(config_.report.model_file) == model);
}

TEST_F(TrainerTest, ResumedRunGivesTheBitsOfTheUndisturbedOne) {
  const TrainingRecord undisturbed = train();
  const std::string model = read_file(config_.report.model_file);
  fs::remove(config_.report.model_file);
  for (const std::int64_t step : {1, 4}) {  // in the middle of an epoch, and after its last step
    Interrupter interrupter(2, step);
    EXPECT_THROW(train(false, interrupter), Interrupted);
    set_interrupt_requested(false);
    const TrainingRecord resumed = train(true);
    ASSERT_EQ(resumed.epochs.size(), undisturbed.epochs.size());
    for (std::size_t i = 0; i < resumed.epochs.size(); ++i) {
      EXPECT_EQ(resumed.epochs[i].train_loss, undisturbed.epochs[i].train_loss) << "epoch " << i + 1;
      EXPECT_EQ(resumed.epochs[i].test_loss, undisturbed.epochs[i].test_loss) << "epoch " << i + 1;
    }
    EXPECT_TRUE(read_file(config_.report.model_file) == model);
  }
}

constexpr std::int64_t kTwoScenes_bytes = 200'000;  // a group is one scene then

TEST_F(TrainerTest, ResumingWithOtherMemoryGivesTheSameBits) {
  config_.training.deterministic = false;  // groups as the memory allows
  for (const auto& [before, after] :
       {std::pair(kTwoScenes_bytes, memory_bytes_), std::pair(memory_bytes_, kTwoScenes_bytes)}) {
    memory_bytes_ = before;
    train();
    const std::string model = read_file(config_.report.model_file);
    Interrupter interrupter(2, 1);
    EXPECT_THROW(train(false, interrupter), Interrupted);
    set_interrupt_requested(false);
    memory_bytes_ = after;
    train(true);
    EXPECT_TRUE(read_file(config_.report.model_file) == model);
  }
}

TEST_F(TrainerTest, DeterministicRunsDoNotDependOnTheMemory) {
  train();
  const std::string model = read_file(config_.report.model_file);
  memory_bytes_ = kTwoScenes_bytes;
  train();
  EXPECT_TRUE(read_file(config_.report.model_file) == model);
}

TEST_F(TrainerTest, ASignalDuringTheEvaluationSavesTheTrainedEpoch) {
  const TrainingRecord undisturbed = train();
  const std::string model = read_file(config_.report.model_file);
  Interrupter interrupter(2, 1, "evaluating");
  EXPECT_THROW(train(false, interrupter), Interrupted);
  set_interrupt_requested(false);
  EXPECT_EQ(train(true).epochs.back().test_loss, undisturbed.epochs.back().test_loss);
  EXPECT_TRUE(read_file(config_.report.model_file) == model);
}

TEST_F(TrainerTest, ASignalWhileScenesAreReadSavesAllTheSame) {
  memory_bytes_ = kTwoScenes_bytes;
  config_.training.deterministic = false;
  config_.data.no_cache = true;
  const TrainingRecord undisturbed = train();
  class BetweenEpochs : public RunListener {
    void on_epoch(const EpochRecord&) override { set_interrupt_requested(true); }
  } interrupter;
  EXPECT_THAT(fault_of([&] { train(false, interrupter); }),
              AllOf(HasSubstr("stopped in epoch 2 after step 0"), HasSubstr("go on with --resume")));
  set_interrupt_requested(false);
  EXPECT_EQ(train(true).epochs.back().train_loss, undisturbed.epochs.back().train_loss);
}

TEST_F(TrainerTest, ALogThatCannotBeWrittenDoesNotCostTheEpoch) {
  class FullLogDisk : public RunListener {
    void on_epoch(const EpochRecord& epoch) override {
      if (epoch.epoch == 2) throw Error("cannot write run.jsonl: No space left on device");
    }
  } full;
  EXPECT_THAT(fault_of([&] { train(false, full); }), HasSubstr("run.jsonl"));
  EXPECT_EQ(read_model(config_.report.model_file).notes.training.at("epochs"), "2");
  EXPECT_EQ(train(true).epochs.size(), 3U);
}

TEST_F(TrainerTest, MoreEpochsGoOnFromAFinishedRun) {
  train();
  config_.training.epochs = 5;
  EXPECT_EQ(train(true).epochs.size(), 5U);
}

TEST_F(TrainerTest, ResumingWithOtherSettingsIsRefusedByName) {
  train();
  config_.training.batch_size = 8;
  EXPECT_THAT(fault_of([&] { train(true); }), HasSubstr("batch_size = 4, now it is 8"));
}

TEST_F(TrainerTest, ResumingWithoutOrWithADamagedCheckpointIsRefused) {
  EXPECT_THAT(fault_of([&] { train(true); }), HasSubstr("no checkpoint to resume from"));
  write_file_atomically(checkpoint_path(config_.report.model_file), "rubbish");
  EXPECT_THAT(fault_of([&] { train(true); }), HasSubstr("not a usable checkpoint"));
}

TEST_F(TrainerTest, FullDiskIsAnErrorThatNamesTheCheckpoint) {
  const auto ignored = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit full_disk{2000, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &full_disk);
  const std::string fault = fault_of([&] { train(); });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, ignored);
  EXPECT_THAT(fault, HasSubstr("model.h5.checkpoint"));
}

TEST_F(TrainerTest, StopsAtTheTargetAccuracy) {
  config_.training.epochs = 50;
  config_.training.target_accuracy = 0.8;
  const TrainingRecord record = train();
  EXPECT_LT(record.epochs.size(), 50U);
  EXPECT_EQ(record.stopped_because, "target_accuracy");
  EXPECT_GE(record.epochs.back().test_accuracy, 0.8);
  EXPECT_GT(record.time_to_accuracy_s, 0);
}

class EarlyStoppingTest : public TrainerTest {
 protected:
  EarlyStoppingTest() {
    config_.training.epochs = 12;
    config_.training.early_stopping = true;
    config_.training.patience = 2;
    config_.training.learning_rate = 0.2;  // coarse steps: the loss goes up and down
  }

  static int best_epoch_of(const TrainingRecord& record) {
    const auto less = [](const EpochRecord& a, const EpochRecord& b) { return a.test_loss < b.test_loss; };
    return std::min_element(record.epochs.begin(), record.epochs.end(), less)->epoch;
  }

  // What `epochs` epochs and no more give.
  std::vector<float> weights_after(int epochs) {
    config_.training.early_stopping = false;
    config_.training.epochs = epochs;
    config_.training.target_accuracy = 0;
    train();
    return weights();
  }

  std::vector<float> weights() const {
    std::vector<float> all;
    for (const ConvWeights& conv : read_model(config_.report.model_file).convolutions) {
      all.insert(all.end(), conv.kernel.begin(), conv.kernel.end());
    }
    return all;
  }
};

TEST_F(EarlyStoppingTest, RestoresTheWeightsOfTheBestEpoch) {
  const TrainingRecord record = train();
  const int best = best_epoch_of(record);
  ASSERT_LT(best, record.epochs.back().epoch) << "nothing to restore";
  EXPECT_EQ(record.best_epoch, best);
  EXPECT_EQ(read_model(config_.report.model_file).notes.training.at("best_epoch"), std::to_string(best));
  const auto restored = weights();
  EXPECT_TRUE(restored == weights_after(best));
}

TEST_F(EarlyStoppingTest, ModelFilesOnTheWayHoldTheBestEpochThatTheyClaim) {
  class Copier : public RunListener {
   public:
    explicit Copier(fs::path model) : model_(std::move(model)) {}
    void on_epoch(const EpochRecord& epoch) override {
      fs::copy_file(model_, model_.string() + std::to_string(epoch.epoch));
    }

   private:
    fs::path model_;
  } copier(config_.report.model_file);
  const TrainingRecord record = train(false, copier);
  const std::string copy = config_.report.model_file.string();
  for (const EpochRecord& epoch : record.epochs) {
    const ModelContent model = read_model(copy + std::to_string(epoch.epoch));
    const ModelContent claimed = read_model(copy + model.notes.training.at("best_epoch"));
    EXPECT_TRUE(model.convolutions[0].kernel == claimed.convolutions[0].kernel) << "epoch " << epoch.epoch;
  }
}

TEST_F(EarlyStoppingTest, ReachedTargetIsWhatTheModelHolds) {
  const TrainingRecord stopped = train();
  const EpochRecord& last = stopped.epochs.back();
  ASSERT_NE(stopped.best_epoch, last.epoch);
  config_.training.target_accuracy = last.test_accuracy;
  const TrainingRecord reached = train(true);
  EXPECT_EQ(reached.stopped_because, "target_accuracy");
  EXPECT_EQ(reached.best_epoch, last.epoch);
  EXPECT_EQ(reached.best_test_accuracy, last.test_accuracy);
  const auto held = weights();
  EXPECT_TRUE(held == weights_after(last.epoch));
}

TEST_F(TrainerTest, ALossThatIsNotFiniteEndsTheRunWithARemedy) {
  config_.training.learning_rate = 1e30;
  EXPECT_THAT(fault_of([&] { train(); }), HasSubstr("Try a smaller learning_rate"));
}

TEST_F(TrainerTest, DivergenceOnTheLastStepOfAnEpochWritesNoModel) {
  config_.training.batch_size = 16;  // one step an epoch: its loss is that before the update
  config_.training.epochs = 1;
  config_.training.learning_rate = 1e30;
  EXPECT_THAT(fault_of([&] { train(); }), AllOf(HasSubstr("epoch 1: the test loss became"),
                                                HasSubstr("has not written"), HasSubstr("smaller learning_rate")));
  EXPECT_FALSE(fs::exists(config_.report.model_file));
  EXPECT_FALSE(fs::exists(checkpoint_path(config_.report.model_file)));
}

TEST_F(TrainerTest, WeightsThatAreNotFiniteAreNoticedInEpochsWithoutEvaluation) {
  config_.training.batch_size = 16;
  config_.training.validate_every = 3;
  config_.training.learning_rate = 1e39;  // infinite as fp32
  EXPECT_THAT(fault_of([&] { train(); }), HasSubstr("epoch 1: weights"));
  EXPECT_FALSE(fs::exists(config_.report.model_file));
}

TEST_F(TrainerTest, DivergenceSaysWhatThisRunReallyWrote) {
  config_.training.epochs = 1;
  train();
  const std::string model = read_file(config_.report.model_file);
  config_.training.epochs = 6;
  config_.training.checkpoint_every = 5;
  config_.training.learning_rate = 1e30;
  EXPECT_THAT(fault_of([&] { train(true); }), AllOf(HasSubstr("epoch 2: "), HasSubstr("has not written")));
  EXPECT_TRUE(read_file(config_.report.model_file) == model);
}

TEST_F(TrainerTest, EpochTimesAddUp) {
  const TrainingRecord record = train();
  for (const EpochRecord& epoch : record.epochs) {
    const double parts = epoch.wait_data_s + epoch.compute_s + epoch.all_reduce_s + epoch.evaluate_s;
    EXPECT_LE(parts, epoch.time_s * 1.001);
    EXPECT_EQ(epoch.patches, 16);
    EXPECT_EQ(epoch.steps, 4);
  }
}

TEST_F(TrainerTest, TestSceneThatCannotBeReadStopsBeforeTheFirstStep) {
  class StepCounter : public RunListener {
   public:
    void on_progress(const ProgressRecord&) override { ++steps; }
    int steps = 0;
  } counter;
  const int number = split_scenes(5, config_.data.train_split).test.front();
  Scene scene = make_learnable_scene(64, number);
  for (float& value : scene.brightness_temperature_k) value = std::nanf("");
  write_scene(folder_ / scene.name, scene);
  EXPECT_THAT(fault_of([&] { train(false, counter); }), HasSubstr(scene.name + ": dataset bts has no pixel"));
  EXPECT_EQ(counter.steps, 0);
}

TEST_F(TrainerTest, SceneOnAnotherGridThanTheConfiguredOneStopsTraining) {
  config_.data.reflectance_grid = ReflectanceGrid::k500M;
  EXPECT_THAT(fault_of([&] { Trainer(config_, alone_, silent_); }), HasSubstr("dataset refs has 64 x 64 px"));
}

TEST_F(TrainerTest, UnlabelledSceneStopsTraining) {
  Scene scene = make_learnable_scene(64, 9);
  scene.label.clear();
  write_scene(folder_ / "S3A_9.hdf", scene);
  EXPECT_THAT(fault_of([&] { train(); }), HasSubstr("S3A_9.hdf: dataset bayes is missing"));
  config_.data.keep_going = true;
  EXPECT_EQ(train().epochs.size(), 3U);
}

}  // namespace
}  // namespace cloudmask
