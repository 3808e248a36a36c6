#include "cloudmask/sst/sst_retrieval.h"

#include <gmock/gmock.h>

#include <cmath>

#include "cloudmask/base/files.h"
#include "support/temporary_folder.h"

namespace cloudmask {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr double kKelvin = 273.15;

TEST(SstCoefficients, WorkedExampleOfTheSplitWindow) {
  const SstCoefficients coefficients = default_sst_coefficients();
  const double sst_k = coefficients.n2_k({std::nan(""), 290, 289}, {20, 1});
  EXPECT_NEAR(sst_k, 2.7851 * 290 - 1.7638 * 289 - 6.0854, 0.01);  // to four decimals
  EXPECT_NEAR(sst_k, 291.85, 0.01);
}

// NOAA-12's night coefficients of the non-linear split window, first guess 17.5 deg C: another instrument and method.
TEST(SstCoefficients, SplitWindowAgreesWithTheNonLinearOneOfAnotherInstrument) {
  const double nonlinear_k = kKelvin - 240.229 + 0.888706 * 290 + 0.081646 * 17.5 * (290 - 289);
  EXPECT_NEAR(nonlinear_k, 292.07, 0.005);
  EXPECT_NEAR(default_sst_coefficients().n2_k({0, 290, 289}, {20, 1}), nonlinear_k, 0.3);
}

TEST(SstCoefficients, NodesAreThoseOfTheTableAndBetweenThemBilinear) {
  const SstCoefficients c = default_sst_coefficients();
  const ThermalBands bands{288, 289, 288};
  EXPECT_NEAR(c.n2_k(bands, {40, 1.8}), 3.83996 * 289 - 2.78332 * 288 - 16.74110, 1e-9);
  EXPECT_NEAR(c.n3_k(bands, {20, 1}), 0.90810 * 288 + 1.05666 * 289 - 0.95205 * 288 - 2.71453, 1e-9);
  const double corners =
      c.n3_k(bands, {20, 1.0}) + c.n3_k(bands, {20, 1.4}) + c.n3_k(bands, {30, 1.0}) + c.n3_k(bands, {30, 1.4});
  EXPECT_NEAR(c.n3_k(bands, {25, 1.2}), corners / 4, 1e-9);
  EXPECT_EQ(c.n2_k(bands, {0, 0.9}), c.n2_k(bands, {5, 1}));
  EXPECT_EQ(c.n2_k(bands, {70, 2}), c.n2_k(bands, {50, 1.8}));
}

TEST(SstCoefficients, FaultsOfAFileNameTheKeyAndWhatIsWanted) {
  const TemporaryFolder folder;
  const auto fault = [&](const std::string& text) {
    write_file_atomically(folder / "c.yaml", text);
    return fault_of([&] { read_sst_coefficients(folder / "c.yaml"); });
  };
  const std::string axes = "source: me\nvapour_kg_m2: [10, 20]\nsecant: [1]\n";
  EXPECT_THAT(fault("n2: ["), AllOf(HasSubstr("c.yaml"), HasSubstr("YAML")));
  EXPECT_THAT(fault("vapour_kg_m2: [20, 10]"), HasSubstr("vapour_kg_m2: wanted ascending"));
  EXPECT_THAT(fault("vapour_kg_m2: [a]"), HasSubstr("vapour_kg_m2: wanted a list of numbers"));
  EXPECT_THAT(fault(axes + "n2: [[[1, 2, 3]]]"), HasSubstr("n2: has 1, wanted 2 lists, one for each vapour_kg_m2"));
  EXPECT_THAT(fault(axes + "n2: [[[1, 2, 3]], [[1, 2]]]"), HasSubstr("n2 row 2: has 2, wanted 3 numbers: S8, S9"));
  EXPECT_THAT(fault(axes + "n2: [[[1, 2, 3]], [[1, 2, .nan]]]"), HasSubstr("n2 row 2: wanted a list of numbers"));
  write_file_atomically(folder / "c.yaml",
                        axes + "n2: [[[0, 0, 1]], [[0, 0, 2]]]\nn3: [[[0, 0, 0, 3]], [[0, 0, 0, 4]]]");
  EXPECT_NEAR(read_sst_coefficients(folder / "c.yaml").n3_k({1, 1, 1}, {15, 1}), 3.5, 1e-12);
}

TEST(ViewSecants, GrowAwayFromTheTrack) {
  const std::vector<double> swath = view_secants(1500);
  ASSERT_EQ(swath.size(), 1500U);
  EXPECT_NEAR(swath[998], 1, 1e-6);
  EXPECT_NEAR(swath[997], swath[998], 1e-9);
  EXPECT_TRUE(std::is_sorted(swath.begin() + 998, swath.end()));
  // 997.5 km from the track the view zenith angle is 57 deg: law of cosines and sine rule with 815 km above 6371 km.
  const double centre_rad = 997.5 / 6371;
  const double range_km = std::sqrt(6371.0 * 6371 + 7186.0 * 7186 - 2 * 6371.0 * 7186 * std::cos(centre_rad));
  EXPECT_NEAR(std::sqrt(1 - std::pow(7186 * std::sin(centre_rad) / range_km, 2)), 1 / swath[0], 1e-9);
  EXPECT_EQ(view_secants(1499).back(), swath[1498]);
  const std::vector<double> part = view_secants(200);
  EXPECT_THAT(part, ::testing::Each(part[0]));
  EXPECT_GT(part[0], 1.05);
  EXPECT_LT(part[0], 1.3);
}

TEST(Vapour, FollowsTheSplitWindowWithinItsLimits) {
  EXPECT_NEAR(estimate_vapour_kg_m2({0, 290, 290 - 0.2 - 0.045 * 20 * 1.3}, 1.3), 20, 1e-9);
  EXPECT_EQ(estimate_vapour_kg_m2({0, 290, 291}, 1), 0);
  EXPECT_EQ(estimate_vapour_kg_m2({0, 290, 280}, 1), 60);
}

Scene make_scene(float reflectance) {
  Scene scene;
  scene.height_px = 1;
  scene.width_px = 4;
  scene.reflectance.assign(4 * kReflectanceBands, reflectance);
  const float none = std::nanf("");
  for (const float value_k :
       {288.0F, 290.0F, 289.0F, none, 290.0F, 289.0F, 250.0F, 259.0F, 258.0F, 288.0F, 290.0F, none})
    scene.brightness_temperature_k.push_back(value_k);
  return scene;
}

TEST(Retrieval, DayTakesTwoBandsAndNightThree) {
  const SstCoefficients c = default_sst_coefficients();
  const double secant = view_secants(4)[0];
  const ThermalBands bands{288, 290, 289};
  const ViewedAir air{estimate_vapour_kg_m2(bands, secant), secant};
  const Scene day = make_scene(0.3F);
  EXPECT_EQ(sst_algorithm(day), "N2");
  const std::vector<float> day_k = retrieve_sst_k(day, c);
  EXPECT_NEAR(day_k[0], c.n2_k(bands, air), 1e-4);
  EXPECT_EQ(day_k[1], day_k[0]);  // S7 is missing
  EXPECT_TRUE(std::isnan(day_k[2]) && std::isnan(day_k[3]));
  const Scene night = make_scene(std::nanf(""));
  EXPECT_EQ(sst_algorithm(night), "N3");
  const std::vector<float> night_k = retrieve_sst_k(night, c);
  EXPECT_NEAR(night_k[0], c.n3_k(bands, air), 1e-4);
  EXPECT_TRUE(std::isnan(night_k[1]) && std::isnan(night_k[2]) && std::isnan(night_k[3]));
}

TEST(Retrieval, TakesTheViewAngleOfScenesThatCarryIt) {
  const SstCoefficients c = default_sst_coefficients();
  const ThermalBands bands{288, 290, 289};
  Scene scene = make_scene(0.3F);
  scene.geolocation.view_zenith_deg = {60, std::nanf(""), 60, 60};
  const std::vector<float> sst_k = retrieve_sst_k(scene, c);
  EXPECT_NEAR(sst_k[0], c.n2_k(bands, {estimate_vapour_kg_m2(bands, 2), 2}), 1e-4);
  EXPECT_TRUE(std::isnan(sst_k[1])) << "its angle is missing";
}

}  // namespace
}  // namespace cloudmask
