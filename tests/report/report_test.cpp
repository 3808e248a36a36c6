#include <gmock/gmock.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "cloudmask/base/files.h"
#include "cloudmask/report/evaluation.h"
#include "cloudmask/report/html_report.h"
#include "cloudmask/report/line_log.h"
#include "cloudmask/report/run_history.h"
#include "cloudmask/report/run_log.h"
#include "cloudmask/scene/mask_file.h"
#include "cloudmask/scene/scene_writer.h"
#include "support/temporary_folder.h"
#include "support/tiny_scene.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Two rows of four pixels; label 1 1 1 1 0 0 0 0, mask as given.
class EvaluationTest : public ::testing::Test {
 protected:
  void add(const std::string& name, const std::vector<float>& probabilities) {
    Scene scene = make_tiny_scene(2, 4);
    scene.name = name;
    scene.label = {1, 1, 1, 1, 0, 0, 0, 0};
    scene.truth = {1, 1, 1, 0, 0, 0, 0, 0};
    write_scene(folder_ / "scenes" / name, scene);
    Mask mask;
    mask.height_px = 2;
    mask.width_px = 4;
    mask.cloud_probability = probabilities;
    write_mask(mask_path(folder_ / "masks", name, View::kNadir), mask, {});
  }
  Evaluation run(Reference against = Reference::kLabel) {
    return evaluate(
        {.masks = folder_ / "masks", .scenes = folder_ / "scenes", .against = against, .threshold = {}, .model = {}});
  }
  TemporaryFolder folder_;
};

TEST_F(EvaluationTest, CountsAsByHand) {
  add("S3A_1.hdf", {0.9F, 0.9F, 0.9F, 0.1F, 0.6F, 0.2F, 0.2F, 0.2F});
  const auto json = nlohmann::json::parse(evaluation_json(run()));
  EXPECT_NEAR(json["all"]["accuracy"], 6.0 / 8, 1e-12);
  EXPECT_NEAR(json["all"]["hit_rate"], 3.0 / 4, 1e-12);
  EXPECT_NEAR(json["all"]["false_alarm_rate"], 1.0 / 4, 1e-12);
  EXPECT_NEAR(json["all"]["true_skill"], 2.0 / 4, 1e-12);
  EXPECT_NEAR(json["all"]["f1"], 6.0 / 8, 1e-12);
  EXPECT_NEAR(json["all"]["iou"], 3.0 / 5, 1e-12);
  EXPECT_EQ(json["all"]["pixels"], 8);
  EXPECT_NEAR(nlohmann::json::parse(evaluation_json(run(Reference::kTruth)))["all"]["accuracy"], 7.0 / 8, 1e-12);
}

TEST_F(EvaluationTest, PixelsThatTheMaskDoesNotJudgeAreInNoScore) {
  add("S3A_1.hdf", {0.9F, std::nanf(""), 0.9F, 0.9F, 0.2F, 0.2F, 0.2F, 0.2F});
  const Evaluation evaluation = run();
  EXPECT_EQ(evaluation.scenes.at(0).unjudged_pixels, 1U);
  EXPECT_EQ(nlohmann::json::parse(evaluation_json(evaluation))["all"]["pixels"], 7);
}

TEST_F(EvaluationTest, PairsThatDoNotFitAreListed) {
  add("S3A_1.hdf", std::vector<float>(8, 0.5F));
  add("S3A_2.hdf", std::vector<float>(8, 0.5F));
  add("S3A_3.hdf", std::vector<float>(8, 0.5F));
  fs::remove(folder_ / "masks/S3A_2.hdf.h5");
  Mask other;
  other.height_px = other.width_px = 3;
  other.cloud_probability.assign(9, 0.5F);
  write_mask(folder_ / "masks/S3A_3.hdf.h5", other, {});
  const Evaluation evaluation = run();
  EXPECT_THAT(evaluation.scenes_without_mask, ::testing::ElementsAre(HasSubstr("S3A_2.hdf")));
  ASSERT_EQ(evaluation.failures.size(), 1U);
  EXPECT_THAT(evaluation.failures[0], HasSubstr("S3A_3.hdf"));
  EXPECT_EQ(evaluation.scenes.size(), 1U);
}

TEST_F(EvaluationTest, AMasksOwnThresholdCountsUnlessAnotherIsAskedFor) {
  const std::vector<float> probabilities{0.35F, 0.35F, 0.35F, 0.35F, 0.1F, 0.1F, 0.1F, 0.6F};
  add("S3A_1.hdf", probabilities);
  const fs::path mask = folder_ / "masks/S3A_1.hdf.h5";
  MaskContent content = read_mask(mask);
  content.origin.threshold = 0.3;
  write_mask(mask, content.mask, content.origin);
  EvaluationOptions options;
  options.masks = folder_ / "masks";
  options.scenes = folder_ / "scenes";
  EXPECT_NEAR(score(evaluate(options).label.all).accuracy, 7.0 / 8, 1e-12);
  options.threshold = 0.5;
  EXPECT_NEAR(score(evaluate(options).label.all).accuracy, 3.0 / 8, 1e-12);
}

TEST_F(EvaluationTest, MasksOlderThanTheModelAreNotScored) {
  add("S3A_1.hdf", std::vector<float>(8, 0.5F));
  add("S3A_2.hdf", std::vector<float>(8, 0.5F));
  write_file_atomically(folder_ / "model.h5", "");
  const auto trained = fs::last_write_time(folder_ / "model.h5");
  fs::last_write_time(folder_ / "masks/S3A_1.hdf.h5", trained - std::chrono::seconds(1));
  fs::last_write_time(folder_ / "masks/S3A_2.hdf.h5", trained);
  EvaluationOptions options;
  options.masks = folder_ / "masks";
  options.scenes = folder_ / "scenes";
  EXPECT_EQ(evaluate(options).scenes.size(), 2U);
  options.model = folder_ / "model.h5";
  const Evaluation evaluation = evaluate(options);
  EXPECT_THAT(evaluation.scenes_without_mask, ::testing::ElementsAre(HasSubstr("S3A_1.hdf")));
  EXPECT_EQ(evaluation.scenes.size(), 1U);
}

TEST_F(EvaluationTest, TheReportShowsScoresOfTheLastModelOnly) {
  add("S3A_1.hdf", {0.9F, 0.9F, 0.9F, 0.1F, 0.6F, 0.2F, 0.2F, 0.2F});  // 6 of 8 are right
  const fs::path run_dir = folder_ / "masks";
  const fs::path model = folder_ / "model.h5";
  RunLog log(run_dir / "run.jsonl");
  const auto page = [&] { return read_file(write_html_report(run_dir)); };
  log.append("run_start",
             {{"config", {{"inference_dir", (folder_ / "scenes").string()}, {"model_file", model.string()}}}});
  log.append("inference_start", Json::object());
  log.append("evaluation", {{"against_bayes", {{"all", {{"accuracy", 0.123}, {"pixels", 8}}}}}});
  EXPECT_THAT(page(), HasSubstr("12.30"));

  log.append("inference_start", Json::object());  // the masks are new, and so are their scores
  EXPECT_THAT(page(), AllOf(Not(HasSubstr("12.30")), HasSubstr("75.00")));

  log.append("training_start", Json::object());  // the masks are those of the model before
  write_file_atomically(model, "");
  fs::last_write_time(run_dir / "S3A_1.hdf.h5", fs::last_write_time(model) - std::chrono::seconds(1));
  EXPECT_THAT(page(), AllOf(Not(HasSubstr("12.30")), Not(HasSubstr("75.00")), HasSubstr("no scene has a mask")));
}

TEST(RunHistory, ATrainingForgetsTheInferenceAndTheScoresOfTheModelBefore) {
  const TemporaryFolder folder;
  RunLog log(folder / "run.jsonl");
  log.append("training_start", Json::object());
  log.append("inference_start", Json::object());
  log.append("scene", {{"name", "S3A_1.hdf"}});
  log.append("inference_end", {{"scenes", 1}});
  log.append("evaluation", {{"against", "bayes"}});
  EXPECT_TRUE(read_run_history(folder.path()).evaluation.is_object());
  log.append("training_start", Json::object());
  const RunHistory history = read_run_history(folder.path());
  EXPECT_TRUE(history.evaluation.is_null());
  EXPECT_TRUE(history.inference_end.is_null());
  EXPECT_TRUE(history.scenes.empty());
}

TEST_F(EvaluationTest, NothingToCompareIsAnError) {
  fs::create_directories(folder_ / "masks");
  fs::create_directories(folder_ / "scenes");
  EXPECT_THROW(run(), Error);
}

TEST(LineLog, TheTrainingLineIsTheReferences) {
  MachineRecord machine;
  machine.nodes = 2;
  machine.accelerators_per_node = 4;
  TrainingRecord training;
  training.training_scenes = 4;
  training.test_scenes = 1;
  training.batch_size = 32;
  training.epochs_configured = 9;  // stopped early
  training.epochs.resize(2);
  training.epochs[0].time_s = 1.5;
  training.epochs[1].time_s = 2.0;
  EXPECT_EQ(training_line(machine, training),
            "CloudMask training, samples = 5, epochs=2, bs=32, nodes=2, gpus=8, time_per_epoch=1.75\n");
}

TEST(LineLog, TheInferenceLineIsTheReferencesAndCountsMasksMade) {
  MachineRecord machine;
  InferenceRecord inference;
  inference.batch_size = 16;
  inference.time_s = 1.0;
  inference.scenes.resize(5);
  inference.scenes[1].skipped = true;
  inference.scenes[4].error = "unreadable";
  EXPECT_EQ(inference_line(machine, inference),
            "CloudMask inference, inferences=3, bs=16, nodes=1, gpus=0, time_per_inference=0.33\n");
  inference.scenes = {inference.scenes[1]};
  EXPECT_EQ(inference_line(machine, inference), "");
}

TEST(RunLog, ClosesALineThatAKilledRunLeftHalfWritten) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "run.jsonl", "{\"event\":\"epoch\",\"epo");
  RunLog(folder / "run.jsonl").append("epoch", {{"epoch", 2}});
  const std::string text = read_file(folder / "run.jsonl");
  const std::string last = text.substr(text.rfind('\n', text.size() - 2) + 1);
  EXPECT_EQ(nlohmann::json::parse(last)["epoch"], 2);
}

TEST(HtmlReport, EscapesHostileNamesAndNeedsNoOtherFile) {
  const TemporaryFolder folder;
  RunLog log(folder / "run.jsonl");
  log.append("training_start", {{"cpu", "<script>alert(1)</script>"}});
  log.append("epoch", {{"epoch", 1},
                       {"train_loss", 0.5},
                       {"train_accuracy", 0.8},
                       {"test_loss", 0.6},
                       {"test_accuracy", 0.7},
                       {"time_s", 2.0}});
  log.append("epoch", {{"epoch", 2},
                       {"train_loss", 0.4},
                       {"train_accuracy", 0.9},
                       {"test_loss", nullptr},
                       {"test_accuracy", nullptr},
                       {"time_s", 2.0}});
  const std::string page = read_file(write_html_report(folder.path()));
  EXPECT_THAT(page, HasSubstr("<polyline"));
  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(page, Not(HasSubstr("src=\"http")));
}

TEST(HtmlReport, FolderWithoutARunIsAnError) {
  const TemporaryFolder folder;
  EXPECT_THAT(fault_of([&] { write_html_report(folder.path()); }), HasSubstr("run.jsonl"));
}

}  // namespace
}  // namespace cloudmask
