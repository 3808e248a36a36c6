#include "cloudmask/report/comparison.h"

#include <gmock/gmock.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "cloudmask/base/files.h"
#include "cloudmask/scene/scene_writer.h"
#include "support/temporary_folder.h"
#include "support/tiny_scene.h"

namespace cloudmask {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Two rows of four pixels, all by day. Truth 1 1 1 1 0 0 0 0, label one off; the upper row is sea, the lower land.
class ComparisonTest : public ::testing::Test {
 protected:
  void add_scene(const std::string& name) {
    Scene scene = make_tiny_scene(2, 4);
    scene.truth = {1, 1, 1, 1, 0, 0, 0, 0};
    scene.label = {0, 1, 1, 1, 0, 0, 0, 0};
    scene.surface = {0, 0, 0, 0, 1, 1, 1, 1};
    write_scene(folder_ / "scenes" / name, scene, {{"cloud_kind", "", {1, 1, 2, 5, 0, 0, 0, 0}}});
  }
  void add_mask(const std::string& method, const std::string& scene, const std::vector<float>& probabilities) {
    Mask mask;
    mask.height_px = 2;
    mask.width_px = static_cast<int>(probabilities.size()) / 2;
    mask.cloud_probability = probabilities;
    write_mask(mask_path(folder_ / method, scene, View::kNadir), mask, {});
  }
  ComparisonOptions options(const std::vector<std::string>& methods, bool against_truth = true) {
    ComparisonOptions result;
    result.scenes = folder_ / "scenes";
    for (const std::string& name : methods) result.methods.push_back({name, folder_ / name});
    result.against_truth = against_truth;
    return result;
  }
  static double value(const Comparison& comparison, Part part, std::size_t method, ScoreIndex score) {
    return comparison.parts[part].methods.at(method)[score].value;
  }
  TemporaryFolder folder_;
};

TEST_F(ComparisonTest, PartsCountAsByHand) {
  add_scene("S3A_1.hdf");
  add_mask("a", "S3A_1.hdf", {0.9F, 0.1F, 0.1F, 0.9F, 0.9F, 0.1F, 0.1F, 0.1F});
  const Comparison found = compare(options({"a"}));
  ASSERT_EQ(found.methods.size(), 2U);
  EXPECT_EQ(found.methods[0].name, "labels");
  EXPECT_EQ(value(found, kAll, 0, kAccuracy), 7.0 / 8);
  EXPECT_EQ(value(found, kAll, 1, kAccuracy), 5.0 / 8);
  EXPECT_EQ(value(found, kAll, 1, kTrueSkill), 2.0 / 4 - 1.0 / 4);
  EXPECT_EQ(value(found, kDay, 1, kAccuracy), 5.0 / 8);
  EXPECT_EQ(found.parts[kNight].pixels, 0U);
  EXPECT_EQ(value(found, kSea, 1, kHitRate), 2.0 / 4);
  EXPECT_EQ(value(found, kLand, 1, kFalseAlarmRate), 1.0 / 4);
  EXPECT_EQ(value(found, kStratus, 1, kHitRate), 1.0 / 2);
  EXPECT_EQ(value(found, kCumulus, 1, kHitRate), 0.0);
  EXPECT_EQ(value(found, kCirrus, 1, kHitRate), 1.0);
  EXPECT_EQ(found.scenes[0].disagreement, 4.0 / 8);
}

TEST_F(ComparisonTest, EveryMethodIsJudgedOnThePixelsThatAllJudge) {
  add_scene("S3A_1.hdf");
  const std::vector<float> right{0.9F, 0.9F, 0.9F, 0.9F, 0.1F, 0.1F, 0.1F, 0.1F};
  std::vector<float> incomplete = right;
  incomplete[0] = incomplete[5] = std::nanf("");
  add_mask("a", "S3A_1.hdf", right);
  add_mask("b", "S3A_1.hdf", incomplete);
  const Comparison found = compare(options({"a", "b"}));
  EXPECT_EQ(found.parts[kAll].pixels, 6U);
  EXPECT_EQ(value(found, kAll, 0, kAccuracy), 1.0);  // the label is wrong on pixel 0 alone
  EXPECT_THAT(found.scenes[0].unjudged_pixels, ::testing::ElementsAre(0, 0, 2));
}

TEST_F(ComparisonTest, DifferencesArePairedBySceneAndSoSharperThanTheScores) {
  const std::vector<std::vector<float>> masks = {{0.9F, 0.9F, 0.9F, 0.9F, 0.1F, 0.1F, 0.1F, 0.1F},
                                                 {0.1F, 0.1F, 0.1F, 0.9F, 0.1F, 0.1F, 0.1F, 0.1F}};
  for (std::size_t i = 0; i < masks.size(); ++i) {
    const std::string name = "S3A_" + std::to_string(i) + ".hdf";
    add_scene(name);
    add_mask("a", name, masks[i]);
    std::vector<float> worse = masks[i];
    worse[7] = 0.9F;  // one false alarm more in every scene
    add_mask("b", name, worse);
  }
  const Comparison found = compare(options({"a", "b"}));
  const Estimate& a = found.parts[kAll].methods[1][kAccuracy];
  EXPECT_EQ(a.low, 5.0 / 8);
  EXPECT_EQ(a.high, 1.0);
  ASSERT_EQ(found.parts[kAll].differences.size(), 3U);
  const MethodDifference& pair = found.parts[kAll].differences[2];
  EXPECT_EQ(found.methods[pair.first].name + found.methods[pair.second].name, "ba");
  EXPECT_EQ(pair.scores[kAccuracy].value, -1.0 / 8);
  EXPECT_EQ(pair.scores[kAccuracy].low, -1.0 / 8);
  EXPECT_EQ(pair.scores[kAccuracy].high, -1.0 / 8);
}

TEST_F(ComparisonTest, OneSceneTellsNoInterval) {
  add_scene("S3A_1.hdf");
  add_mask("a", "S3A_1.hdf", std::vector<float>(8, 0.9F));
  EXPECT_TRUE(std::isnan(compare(options({"a"})).parts[kAll].methods[1][kAccuracy].low));
}

TEST_F(ComparisonTest, LabelsJudgeWhenAsked) {
  add_scene("S3A_1.hdf");
  add_mask("a", "S3A_1.hdf", {0.1F, 0.9F, 0.9F, 0.9F, 0.1F, 0.1F, 0.1F, 0.1F});
  const Comparison found = compare(options({"a"}, false));
  ASSERT_EQ(found.methods.size(), 1U);
  EXPECT_EQ(value(found, kAll, 0, kAccuracy), 1.0);
}

TEST_F(ComparisonTest, FaultsNameTheMaskAndTheMethod) {
  add_scene("S3A_1.hdf");
  add_scene("S3A_2.hdf");
  add_mask("a", "S3A_1.hdf", std::vector<float>(8, 0.9F));
  EXPECT_THAT(fault_of([&] { compare(options({"a"})); }),
              AllOf(HasSubstr("S3A_2.hdf.h5"), HasSubstr("method a"), HasSubstr("1 of 2")));
  add_mask("a", "S3A_2.hdf", std::vector<float>(6, 0.9F));
  EXPECT_THAT(fault_of([&] { compare(options({"a"})); }),
              AllOf(HasSubstr("S3A_2.hdf.h5"), HasSubstr("2 x 3"), HasSubstr("2 x 4")));
  EXPECT_THAT(fault_of([&] { compare(options({"labels"})); }), HasSubstr("another name"));
  EXPECT_THAT(fault_of([&] { compare(options({"a", "a"})); }), HasSubstr("twice"));
  EXPECT_THAT(fault_of([&] { compare(options({})); }), HasSubstr("NAME=MASKS"));
}

TEST_F(ComparisonTest, WithoutTruthTheRemedyIsTheLabels) {
  Scene scene = make_tiny_scene(2, 4);
  scene.truth.clear();
  write_scene(folder_ / "scenes/S3A_1.hdf", scene);
  add_mask("a", "S3A_1.hdf", std::vector<float>(8, 0.9F));
  EXPECT_THAT(fault_of([&] { compare(options({"a"})); }), HasSubstr("--against bayes"));
}

TEST_F(ComparisonTest, JsonAndPageTellTheSame) {
  for (const char* name : {"S3A_1.hdf", "S3A_2.hdf"}) {
    add_scene(name);
    add_mask("<a>", name, {0.9F, 0.1F, 0.1F, 0.9F, 0.9F, 0.1F, 0.1F, 0.1F});
  }
  const Comparison found = compare(options({"<a>"}));
  const auto json = nlohmann::json::parse(comparison_json(found));
  EXPECT_EQ(json["against"], "truth");
  EXPECT_EQ(json["parts"]["all"]["methods"]["<a>"]["accuracy"]["value"], 0.625);
  EXPECT_EQ(json["parts"]["all"]["differences"][0]["first"], "<a>");
  EXPECT_EQ(json["parts"]["all"]["differences"][0]["accuracy"]["high"], -0.25);
  EXPECT_TRUE(json["parts"]["night"].is_null());
  EXPECT_EQ(json["scenes"].size(), 2U);
  write_comparison_page(folder_ / "page.html", found, options({"<a>"}), 1);
  const std::string page = read_file(folder_ / "page.html");
  EXPECT_THAT(page, AllOf(HasSubstr("&lt;a&gt;"), HasSubstr("0.6250"), HasSubstr("Where methods differ")));
  EXPECT_EQ(page.find("<a>"), std::string::npos);
  EXPECT_THAT(comparison_text(found), HasSubstr("0.6250 [0.6250 0.6250]"));
}

}  // namespace
}  // namespace cloudmask
