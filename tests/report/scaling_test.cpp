#include <gmock/gmock.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "cloudmask/base/files.h"
#include "cloudmask/base/random.h"
#include "cloudmask/report/left_out_check.h"
#include "cloudmask/report/run_log.h"
#include "cloudmask/report/scaling_report.h"
#include "support/temporary_folder.h"

namespace cloudmask {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr double kGradientBytes = 7.8e6;
constexpr double kMessages = 6;
constexpr double kPatches = 800;

/// A machine whose every term is known.
StepModel known_model() {
  return {.training = {.per_patch_s = 0.04, .contention = 0.03, .fixed_s = 0.01},
          .evaluation = {.per_patch_s = 0.012, .contention = 0.03, .fixed_s = 0.002},
          .spread = 0.02,
          .sums = {.inside_latency_s = 5e-6,
                   .inside_s_per_byte = 4e-10,
                   .network_latency_s = 3e-5,
                   .network_s_per_byte = 8e-9},
          .gradient_bytes = kGradientBytes,
          .gradient_messages = kMessages};
}

/// What such a machine would log; `noise` is the relative standard deviation between runs.
ScalingRun make_run(const RankLayout& layout, int batch_size, double noise, Random& random) {
  const StepModel model = known_model();
  const double ranks = layout.ranks();
  const StepTimes step = step_times(model, layout, batch_size / ranks, expected_maximum(layout.ranks()));
  const double factor = 1 + noise * random.normal();
  ScalingRun run;
  run.name = "made";
  run.settings = "one machine";
  run.layout = layout;
  run.batch_size = batch_size;
  run.training_patches = kPatches;
  run.test_patches = 192;
  run.gradient_bytes = layout.ranks() > 1 ? kGradientBytes : 0;
  run.gradient_messages = layout.ranks() > 1 ? kMessages : 0;
  run.epochs = 2;
  run.steps = std::floor(kPatches / batch_size);
  run.patches = run.steps * batch_size;
  run.compute_s = factor * run.steps * step.work_s;
  run.sums_s = factor * run.steps * (step.sums_s + step.slowest_s);
  run.evaluate_s = 192.0 / batch_size * evaluation_step_s(model, layout, batch_size / ranks, 0);
  run.epoch_s = run.compute_s + run.sums_s + run.evaluate_s;
  run.spread_s = layout.ranks() > 1 ? model.spread * step.work_s : std::nan("");
  run.time_to_accuracy_s = std::nan("");
  return run;
}

/// Strong (32 patches) and weak (4 a rank) on 1 to 8 ranks of one machine, three runs each.
std::vector<ScalingRun> make_study(double noise) {
  Random random(3);
  std::vector<ScalingRun> runs;
  for (int repeat = 0; repeat < 3; ++repeat) {
    for (const int ranks : {1, 2, 4, 8}) {
      runs.push_back(make_run({1, ranks}, 32, noise, random));
      if (ranks != 8) runs.push_back(make_run({1, ranks}, 4 * ranks, noise, random));
    }
  }
  return runs;
}

TEST(StepFit, FindsTheTermsOfTheMachineThatMadeTheRuns) {
  const StepModel known = known_model();
  const StepFit fit = fit_steps(make_study(0), known.sums);
  EXPECT_NEAR(fit.model.training.per_patch_s, known.training.per_patch_s, 1e-6);
  EXPECT_NEAR(fit.model.training.contention, known.training.contention, 1e-4);
  EXPECT_NEAR(fit.model.training.fixed_s, known.training.fixed_s, 1e-6);
  EXPECT_NEAR(fit.model.evaluation.per_patch_s, known.evaluation.per_patch_s, 1e-6);
  EXPECT_NEAR(fit.model.spread, known.spread, 1e-9);
  EXPECT_EQ(fit.model.gradient_bytes, kGradientBytes);
  for (const double residual : fit.residuals) EXPECT_NEAR(residual, 0, 1e-6);
}

TEST(StepFit, NoMoreRunsThanTermsHasNoResiduals) {
  Random random(3);
  const std::vector<ScalingRun> two{make_run({1, 1}, 32, 0.05, random), make_run({1, 1}, 8, 0.05, random)};
  EXPECT_TRUE(fit_steps(two, {}).residuals.empty());
  EXPECT_TRUE(fit_steps({}, {}).training.empty());
}

TEST(StepFit, ARankWithoutAPatchIsNoMeasurement) {
  Random random(3);
  EXPECT_TRUE(fit_steps({make_run({1, 8}, 4, 0, random)}, {}).training.empty());
}

TEST(LeftOutCheck, PredictsTheNumberOfRanksThatItDidNotSee) {
  const auto exact = check_left_out(make_study(0), known_model().sums);
  ASSERT_THAT(exact, SizeIs(7));
  for (const LeftOutCheck& check : exact) {
    // From the other counts alone; what is left is that a single count knows no contention.
    EXPECT_LT(std::abs(check.error()), 1e-5) << check.layout.ranks();
  }
  const auto noisy = check_left_out(make_study(0.02), known_model().sums);
  for (const LeftOutCheck& check : noisy) {
    EXPECT_GT(check.measured_s, check.predicted_s.low) << check.layout.ranks() << " ranks, " << check.batch_size;
    EXPECT_LT(check.measured_s, check.predicted_s.high) << check.layout.ranks() << " ranks, " << check.batch_size;
  }
  EXPECT_GT(error_per_doubling(noisy), 0.001);
  EXPECT_LT(error_per_doubling(noisy), 0.05);
}

TEST(LeftOutCheck, AnIntervalHoldsItsOwnPredictionAlsoWhereSumsAreMisjudged) {
  for (const LeftOutCheck& check : check_left_out(make_study(0.02), {.inside_s_per_byte = 1e-8})) {
    EXPECT_LE(check.predicted_s.low, check.predicted_s.value) << check.layout.ranks();
    EXPECT_GE(check.predicted_s.high, check.predicted_s.value) << check.layout.ranks();
  }
}

TEST(LeftOutCheck, OneNumberOfRanksLeavesNothingToCheck) {
  Random random(3);
  EXPECT_THAT(check_left_out({make_run({1, 2}, 32, 0, random)}, {}), SizeIs(0));
  EXPECT_TRUE(std::isnan(error_per_doubling({})));
}

TEST(Forecast, OfTheMeasuredMachineIsWhatItWouldTake) {
  const StepModel known = known_model();
  Cluster cluster = default_cluster();
  cluster.work_factor = FigureRange{1, 1};
  cluster.ranks_per_node = 4;
  cluster.batch_size = 1024;
  cluster.inside_latency_us = {5, 5};
  cluster.inside_gb_per_s = {2.5, 2.5};
  cluster.network_latency_us = {30, 30};
  cluster.network_gb_per_s = {0.125, 0.125};
  ScalingFiles files;
  for (const RankLayout layout : {RankLayout{1, 2}, RankLayout{1, 4}}) {
    for (const double bytes : {4.0, 1e5, 1e7})
      files.sums.push_back({layout, bytes, sum_time_s(known.sums, layout, bytes)});
  }
  const Forecast forecast = make_forecast(make_study(0.01), files, cluster);
  ASSERT_THAT(forecast.strong, SizeIs(11));  // 1 to 1,024
  for (const ForecastPoint& point : forecast.strong) {
    const StepTimes expected = step_times(known, point.layout, std::ceil(1024.0 / point.layout.ranks()),
                                          expected_maximum(point.layout.ranks()));
    EXPECT_NEAR(point.step.step_s() / expected.step_s(), 1, 0.03) << point.layout.ranks();
    EXPECT_LE(point.epoch_s.low, point.epoch_s.value);
    EXPECT_GE(point.epoch_s.high, point.epoch_s.value);
  }
  const auto width = [](const Estimate& estimate) { return (estimate.high - estimate.low) / estimate.value; };
  EXPECT_GT(width(forecast.strong.back().epoch_s), 2 * width(forecast.strong.front().epoch_s));
  EXPECT_EQ(forecast.strong.front().efficiency.value, 1);
  EXPECT_LT(forecast.strong.back().efficiency.value, 0.9);
}

TEST(Forecast, WithoutACheckThereIsNoIntervalBeyondWhatWasMeasured) {
  Random random(3);
  std::vector<ScalingRun> runs;
  for (int i = 0; i < 3; ++i) runs.push_back(make_run({1, 2}, 32, 0.01, random));
  const Forecast forecast = make_forecast(runs, {}, default_cluster());
  EXPECT_TRUE(std::isfinite(forecast.strong.at(1).epoch_s.low));  // two ranks
  EXPECT_TRUE(std::isnan(forecast.strong.at(2).epoch_s.low));
  EXPECT_TRUE(std::isfinite(forecast.strong.at(2).epoch_s.value));
  EXPECT_THAT(forecast.assumptions, ::testing::Contains(HasSubstr("beyond 2 ranks there is no interval")));
  EXPECT_THAT(forecast.assumptions, ::testing::Contains(HasSubstr("count as free")));
}

TEST(Forecast, EndsWhereABatchHasNoPatchForEachRankOrTheDataNoBatch) {
  Cluster cluster = default_cluster();
  cluster.batch_size = 100;
  cluster.batch_per_rank = 100;
  const Forecast forecast = make_forecast(make_study(0), {}, cluster);
  EXPECT_EQ(forecast.strong.back().layout.ranks(), 64);
  EXPECT_EQ(forecast.weak.back().layout.ranks(), 128);  // 12,800 of 16,000 patches
}

TEST(ScalingStudy, EfficiencyIsRelativeToTheFewestRanks) {
  Random random(3);
  std::vector<ScalingRun> runs{make_run({1, 1}, 32, 0, random), make_run({1, 2}, 32, 0, random),
                               make_run({1, 2}, 64, 0, random)};
  runs[0].epoch_s = 10;
  runs[1].epoch_s = 6;
  runs[2].epoch_s = 7;
  runs[0].time_to_accuracy_s = 100;
  runs[1].time_to_accuracy_s = 80;
  runs[2].time_to_accuracy_s = 40;
  const auto groups = group_runs(runs);
  ASSERT_THAT(groups, SizeIs(1));
  ASSERT_THAT(groups[0].series, SizeIs(2));
  const ScalingSeries& strong = groups[0].series[0];
  EXPECT_TRUE(strong.strong);
  EXPECT_EQ(strong.batch, 32);
  EXPECT_EQ(strong.points[0].efficiency.value, 1);
  EXPECT_NEAR(strong.points[1].efficiency.value, 10.0 / (2 * 6), 1e-12);
  EXPECT_NEAR(strong.points[1].efficiency_to_accuracy.value, 100.0 / (2 * 80), 1e-12);
  const ScalingSeries& weak = groups[0].series[1];
  EXPECT_FALSE(weak.strong);
  EXPECT_EQ(weak.batch, 32);
  // 768 patches an epoch instead of 800: the incomplete batch is left out.
  EXPECT_NEAR(weak.points[1].efficiency.value, 768.0 / 800 * 10 / (2 * 7), 1e-12);
  EXPECT_NEAR(weak.points[1].efficiency_to_accuracy.value, 100.0 / (2 * 40), 1e-12);
}

TEST(ScalingStudy, TheSameRanksOnMoreMachinesAreAPointButNoSeries) {
  Random random(3);
  std::vector<ScalingRun> runs{make_run({1, 2}, 32, 0, random), make_run({2, 1}, 32, 0, random)};
  EXPECT_TRUE(group_runs(runs)[0].series.empty());
  runs.push_back(make_run({1, 1}, 32, 0, random));
  EXPECT_THAT(group_runs(runs)[0].series.at(0).points, SizeIs(3));
}

TEST(ScalingStudy, RunsOfOtherSettingsAreAnotherGroup) {
  Random random(3);
  std::vector<ScalingRun> runs{make_run({1, 1}, 32, 0, random), make_run({1, 2}, 32, 0, random)};
  runs[1].settings = "another machine";
  const auto groups = group_runs(runs);
  ASSERT_THAT(groups, SizeIs(2));
  EXPECT_TRUE(groups[0].series.empty());
  EXPECT_TRUE(groups[1].series.empty());
}

/// Runs as files.
class ScalingFilesTest : public ::testing::Test {
 protected:
  static Json machine(int ranks) {
    return {{"cpu", "made"}, {"device", "cpu"}, {"precision", "fp32"}, {"threads", 1},
            {"cores", 8},    {"ranks", ranks},  {"nodes", 1}};
  }

  RunLog start(const std::string& name, const Json& machine) {
    make_folder(folder_ / name);
    RunLog log(folder_ / name / "run.jsonl");
    log.append("run_start", {{"version", "1"}, {"config", {{"PATCH_SIZE", 256}}}});
    log.append("training_start", {{"batch_size", 8}, {"epochs_done", 0}, {"machine", machine}});
    return log;
  }

  static void add_epoch(RunLog& log, int number, double time_s) {
    log.append("epoch", {{"epoch", number},
                         {"steps", 10},
                         {"patches", 80},
                         {"time_s", time_s},
                         {"compute_s", 0.7 * time_s},
                         {"all_reduce_s", 0.05 * time_s},
                         {"wait_data_s", 0.01 * time_s},
                         {"evaluate_s", 0.2 * time_s}});
  }

  void add_run(const std::string& name, const Json& machine, double time_s) {
    RunLog log = start(name, machine);
    add_epoch(log, 1, 5 * time_s);  // also reads
    add_epoch(log, 2, time_s);
    log.append("training_end", {{"time_to_accuracy_s", nullptr}});
  }

  TemporaryFolder folder_;
};

TEST_F(ScalingFilesTest, TheFirstEpochDoesNotCount) {
  add_run("one", machine(1), 4);
  const ScalingFiles files = find_scaling_files(folder_.path());
  ASSERT_THAT(files.runs, SizeIs(1));
  EXPECT_NEAR(files.runs[0].epoch_s, 4, 1e-12);
  EXPECT_EQ(files.runs[0].epochs, 1);
  EXPECT_TRUE(std::isnan(files.runs[0].gradient_bytes));
}

TEST_F(ScalingFilesTest, RunsThatSayNothingAreLeftOutWithTheReason) {
  add_run("good", machine(1), 4);
  RunLog unfinished = start("unfinished", machine(2));
  add_epoch(unfinished, 1, 4);
  add_run("crowded", machine(16), 4);
  Json without = machine(2);
  without.erase("ranks");
  add_run("without", without, 4);
  make_folder(folder_ / "empty");
  write_file_atomically(folder_ / "empty/run.jsonl", "");
  const ScalingFiles files = find_scaling_files(folder_.path());
  EXPECT_THAT(files.runs, SizeIs(1));
  std::map<std::string, std::string> reasons;
  for (const SkippedRun& run : files.skipped) reasons[run.name] = run.reason;
  EXPECT_THAT(reasons["unfinished"], HasSubstr("not ended"));
  EXPECT_THAT(reasons["crowded"], HasSubstr("16 ranks of 1 threads share 8 cores"));
  EXPECT_THAT(reasons["without"], HasSubstr("no usable ranks"));
  EXPECT_THAT(reasons["empty"], HasSubstr("no event"));
}

TEST_F(ScalingFilesTest, ABadLineIsNamedAndTheRestCounts) {
  add_run("one", machine(1), 4);
  const std::string text = read_file(folder_ / "one/run.jsonl");
  write_file_atomically(folder_ / "one/run.jsonl", "{\"event\": \"ep\n" + text);
  ::testing::internal::CaptureStderr();
  const ScalingFiles files = find_scaling_files(folder_.path());
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("run.jsonl: line 1 is no JSON object"));
  EXPECT_THAT(files.runs, SizeIs(1));
}

TEST_F(ScalingFilesTest, SumsAreFoundAmongOtherJson) {
  add_run("one", machine(1), 4);
  write_file_atomically(folder_ / "sums.json",
                        R"({"ranks": 4, "nodes": 2, "sizes": [{"message_bytes": 1024, "time_s": 1e-5}, {"x": 1}]})");
  write_file_atomically(folder_ / "odd.json", R"({"ranks": 3, "nodes": 2, "sizes": []})");
  write_file_atomically(folder_ / "other.json", "[1, 2]");
  write_file_atomically(folder_ / "broken.json", "{");
  const ScalingFiles files = find_scaling_files(folder_.path());
  ASSERT_THAT(files.sums, SizeIs(1));
  EXPECT_EQ(files.sums[0].layout.nodes, 2);
  EXPECT_EQ(files.sums[0].layout.ranks_per_node, 2);
  EXPECT_THAT(files.sum_files, ::testing::ElementsAre("sums.json"));
}

TEST_F(ScalingFilesTest, ValuesSentAsBf16CountAsHalfOfTheBytes) {
  add_run("one", machine(1), 4);
  write_file_atomically(
      folder_ / "sums.json",
      R"({"ranks": 2, "nodes": 1, "sent_as": "bf16", "sizes": [{"message_bytes": 1024, "time_s": 1e-5}]})");
  EXPECT_EQ(find_scaling_files(folder_.path()).sums.at(0).bytes, 512);
}

TEST_F(ScalingFilesTest, AFolderWithoutAUsableRunIsAnError) {
  EXPECT_THAT(fault_of([&] { find_scaling_files(folder_.path()); }), HasSubstr("holds no run"));
  EXPECT_THAT(fault_of([&] { find_scaling_files(folder_ / "none"); }), HasSubstr("none"));
  start("unfinished", machine(2));
  EXPECT_THAT(fault_of([&] { make_scaling_report(folder_.path(), default_cluster()); }), HasSubstr("not ended"));
}

TEST_F(ScalingFilesTest, TextJsonAndPageHaveTheSameFigures) {
  add_run("one", machine(1), 4);
  add_run("<b>two", machine(2), 2.5);
  const ScalingReport report = make_scaling_report(folder_.path(), default_cluster());
  EXPECT_THAT(scaling_text(report), HasSubstr("80.0"));  // 4 / (2 * 2.5)
  const auto json = nlohmann::json::parse(scaling_json(report));
  const auto& point = json["groups"][0]["series"][0]["points"][1];
  EXPECT_NEAR(point["efficiency"]["value"], 0.8, 1e-12);
  EXPECT_NEAR(point["all_reduce_s"], 0.125, 1e-12);
  EXPECT_EQ(json["groups"][0]["forecast"]["strong"].back()["ranks"], 1024);
  write_scaling_page(folder_ / "page.html", report);
  const std::string page = read_file(folder_ / "page.html");
  EXPECT_THAT(page, HasSubstr("80.0"));
  EXPECT_THAT(page, HasSubstr("<polyline"));
  EXPECT_THAT(page, HasSubstr(">1024</text>"));  // doublings are as far apart as one another
  EXPECT_THAT(page, Not(HasSubstr("<b>")));
  EXPECT_THAT(page, Not(HasSubstr("nan")));
}

class ClusterTest : public ::testing::Test {
 protected:
  std::string fault(const std::string& from, const std::string& to) {
    std::string text = read_file(CLOUDMASK_SOURCE_DIR "/config/cluster.yaml");
    text.replace(text.find(from), from.size(), to);
    write_file_atomically(folder_ / "ours.yaml", text);
    return fault_of([&] { read_cluster(folder_ / "ours.yaml"); });
  }
  TemporaryFolder folder_;
};

TEST_F(ClusterTest, TheBuiltInOneIsTheFile) {
  const Cluster file = read_cluster(CLOUDMASK_SOURCE_DIR "/config/cluster.yaml");
  const Cluster built_in = default_cluster();
  EXPECT_EQ(file.name, built_in.name);
  EXPECT_EQ(file.max_ranks, 1024);
  EXPECT_EQ(file.network_gb_per_s.high, built_in.network_gb_per_s.high);
}

TEST_F(ClusterTest, FaultsNameLineAndKey) {
  EXPECT_THAT(fault("max_ranks: 1024", "max_ranks: 0"), HasSubstr("max_ranks takes a whole number from 1"));
  EXPECT_THAT(fault("max_ranks: 1024", "max_rank: 1024"), HasSubstr("'max_ranks' is missing"));
  EXPECT_THAT(fault("test_patches: 4000", "test_patches: 4000\nhope: 1"), HasSubstr("unknown key 'hope'"));
  EXPECT_THAT(fault("[0.15, 0.6]", "[0.6, 0.15]"), HasSubstr("training_ms_per_patch takes a number"));
  EXPECT_THAT(fault("[0.15, 0.6]", "nan"), HasSubstr("ours.yaml:"));
  EXPECT_THAT(fault("fixed_ms:", "work_factor: 1\nfixed_ms:"), HasSubstr("does not go with work_factor"));
  EXPECT_THAT(fault("name: ", "name: ["), HasSubstr("no YAML"));
  EXPECT_THAT(fault_of([&] { read_cluster(folder_ / "none.yaml"); }), HasSubstr("none.yaml"));
}

}  // namespace
}  // namespace cloudmask
