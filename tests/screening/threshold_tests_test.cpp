#include "cloudmask/screening/threshold_tests.h"

#include <gmock/gmock.h>

#include <array>
#include <cmath>

#include "cloudmask/base/files.h"
#include "cloudmask/screening/evidence.h"
#include "support/cloudy_scene.h"
#include "support/temporary_folder.h"

namespace cloudmask {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kOneTest[] = R"(tests:
  - name: cold
    bit: 2
    when: day
    surface: [sea]
    ramps:
      - {quantity: S8, clear: 280, cloud: 260}
    source: here
)";

std::string with(const std::string& from, const std::string& to) {
  std::string text = kOneTest;
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string fault(const std::string& yaml) {
  return fault_of([&] { parse_threshold_tests(yaml, "mine.yaml"); });
}

TEST(ThresholdTests, AreReadWithTheirRampsAndBits) {
  const ThresholdTests tests = parse_threshold_tests(kOneTest, "mine.yaml");
  ASSERT_EQ(tests.tests.size(), 1U);
  const ThresholdTest& test = tests.tests[0];
  EXPECT_EQ(test.kinds, kDaySea);
  EXPECT_EQ(test.ramps[0].quantity, Feature::kS8);
  EXPECT_EQ(test.ramps[0].clear, 280);
  EXPECT_THAT(tests.flag_names(), ElementsAre("spare_0", "spare_1", "cold"));
  EXPECT_THAT(tests.name, HasSubstr("mine.yaml (checksum "));
}

TEST(ThresholdTests, NameFileLineAndKeyOfAFault) {
  EXPECT_THAT(fault(with("bit: 2", "bits: 2")), AllOf(HasSubstr("mine.yaml:3:"), HasSubstr("unknown key 'bits'")));
  EXPECT_THAT(fault(with("    bit: 2\n", "")), AllOf(HasSubstr("mine.yaml:2:"), HasSubstr("'bit' is missing")));
  EXPECT_THAT(fault(with("bit: 2", "bit:")), HasSubstr("'bit' is missing or has no value"));
  EXPECT_THAT(fault(with("bit: 2", "bit: 16")), AllOf(HasSubstr("mine.yaml:3:"), HasSubstr("0 to 15")));
  EXPECT_THAT(fault(with("cloud: 260", "cloud: 280")), AllOf(HasSubstr("mine.yaml:7:"), HasSubstr("needs a width")));
  EXPECT_THAT(fault(with("cloud: 260", "cloud: cold")), HasSubstr("cloud takes a number, not 'cold'"));
  EXPECT_THAT(fault(with("cloud: 260", "cloud: .nan")), HasSubstr("cloud takes a number"));
  EXPECT_THAT(fault(with("quantity: S8", "quantity: S10")), AllOf(HasSubstr("'S10'"), HasSubstr("S7-S8")));
  EXPECT_THAT(fault(with("when: day", "when: noon")), HasSubstr("day, night or both, not 'noon'"));
  EXPECT_THAT(fault(with("when: day", "when: night")), HasSubstr("surface goes with `when: day`"));
  EXPECT_THAT(fault(with("[sea]", "[moon]")), HasSubstr("sea, land, snow, not 'moon'"));
  EXPECT_THAT(fault(with("name: cold", "name: a b")), HasSubstr("name takes a word"));
  EXPECT_THAT(fault(with("    source: here\n", "")), HasSubstr("'source' is missing"));
  EXPECT_THAT(fault("tests: []"), HasSubstr("takes a list of tests"));
  EXPECT_THAT(fault(""), HasSubstr("takes a mapping"));
  EXPECT_THAT(fault("tests: ["), HasSubstr("not valid YAML"));
  EXPECT_THAT(fault(kOneTest + std::string(kOneTest + 7)), HasSubstr("bit 2 belongs to cold already"));
}

TEST(ThresholdTests, OfAMissingFileAreAUsageError) { EXPECT_THROW(read_threshold_tests("no/such.yaml"), UsageError); }

TEST(ThresholdTests, CompiledInAreThoseOfTheFile) {
  const ThresholdTests file = read_threshold_tests(CLOUDMASK_SOURCE_DIR "/config/threshold_tests.yaml");
  EXPECT_EQ(file.name, default_threshold_tests().name);
  EXPECT_EQ(file.flag_names(), default_threshold_tests().flag_names());
}

class EvidenceTest : public ::testing::TestWithParam<Sun> {
 protected:
  EvidenceTest() : scene_(make_cloudy_scene(100, GetParam())) { features_.compute(scene_); }
  Scene scene_;
  SceneFeatures features_;
};

TEST_P(EvidenceTest, FindsTheCloudAndNothingElse) {
  const Evidence evidence = weigh_evidence(features_);
  for (std::size_t i = 0; i < scene_.pixels(); ++i) {
    EXPECT_EQ(evidence.cloud[i] >= 0.5F, scene_.truth[i] == kCloud) << i;
    EXPECT_EQ(evidence.flags[i] != 0, scene_.truth[i] == kCloud) << i;
  }
}

TEST_P(EvidenceTest, SeedsKeepAwayFromTheEdgeOfTheCloud) {
  const std::vector<std::uint8_t> seeds = find_seeds(features_, weigh_evidence(features_));
  EXPECT_EQ(seeds[50 * 100 + 50], kCloud);
  EXPECT_EQ(seeds[5 * 100 + 5], kClear);
  EXPECT_EQ(seeds[23 * 100 + 50], kUnknown);
  EXPECT_EQ(seeds[24 * 100 + 50], kUnknown);
  for (std::size_t i = 0; i < seeds.size(); ++i) {
    EXPECT_TRUE(seeds[i] == kUnknown || seeds[i] == scene_.truth[i]) << i;
  }
}

TEST_P(EvidenceTest, OfMissingPixelsIsMissing) {
  scene_.brightness_temperature_k[1] = std::nanf("");
  features_.compute(scene_);
  const Evidence evidence = weigh_evidence(features_);
  EXPECT_TRUE(std::isnan(evidence.cloud[0]));
  EXPECT_EQ(evidence.flags[0], 0);
  EXPECT_EQ(find_seeds(features_, evidence)[0], kUnknown);
}

// By night snow 25 K colder than the sea beside it is as far below Tref as cloud is, but grey.
TEST(Evidence, LeavesGreyGroundClearByNightHoweverColdItIs) {
  const auto cloud_at = [](float s7_less_s8_k) {
    Scene scene = make_cloudy_scene(100, Sun::kNight);
    for (int row = 40; row < 60; ++row) {
      for (int column = 40; column < 60; ++column) {
        float* pixel = &scene.brightness_temperature_k[static_cast<std::size_t>(row * 100 + column) * 3];
        std::copy_n(std::array{265 + s7_less_s8_k, 265.0F, 264.8F}.data(), 3, pixel);
      }
    }
    SceneFeatures features;
    features.compute(scene);
    return weigh_evidence(features).cloud[50 * 100 + 50];
  };
  EXPECT_LT(cloud_at(0.1F), 0.05F);
  EXPECT_GT(cloud_at(-0.6F), 0.9F) << "water cloud emits less at 3.7 um";
  EXPECT_GT(cloud_at(0.6F), 0.9F) << "and thin cloud lets the warm ground through";
}

INSTANTIATE_TEST_SUITE_P(DayAndNight, EvidenceTest, ::testing::Values(Sun::kDay, Sun::kNight));

TEST(Evidence, IsOneMinusTheProductOfWhatTheTestsLeave) {
  Scene scene = make_cloudy_scene(30, Sun::kNight);
  for (std::size_t i = 0; i < scene.pixels(); ++i) scene.brightness_temperature_k[i * 3 + 1] = 270;
  SceneFeatures features;
  features.compute(scene);
  const ThresholdTests tests = parse_threshold_tests(R"(tests:
  - {name: half, bit: 0, when: night, ramps: [{quantity: S8, clear: 280, cloud: 260}], source: x}
  - {name: quarter, bit: 3, when: both, ramps: [{quantity: S8, clear: 275, cloud: 255}], source: x}
  - {name: day, bit: 4, when: day, ramps: [{quantity: S8, clear: 280, cloud: 260}], source: x}
  - {name: both, bit: 5, when: night, ramps: [{quantity: S8, clear: 0, cloud: 1}, {quantity: S1, clear: 0, cloud: 1}],
     source: x}
)",
                                                     "x.yaml");
  const Evidence evidence = weigh_evidence(features, tests);
  EXPECT_NEAR(evidence.cloud[0], 1 - 0.5 * 0.75, 1e-6);
  EXPECT_EQ(evidence.flags[0], 1) << "0.25 is below the limit, by night no test of the day counts, S1 is missing";
}

}  // namespace
}  // namespace cloudmask
