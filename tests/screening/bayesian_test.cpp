#include <gmock/gmock.h>

#include <cmath>

#include "cloudmask/screening/bayesian_learner.h"
#include "cloudmask/screening/bayesian_screener.h"
#include "cloudmask/screening/bayesian_tables_file.h"
#include "cloudmask/screening/plausibility.h"
#include "cloudmask/screening/threshold_screener.h"
#include "support/cloudy_scene.h"
#include "support/raw_hdf5.h"
#include "support/temporary_folder.h"

namespace cloudmask {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

BayesianTables learn_from(const Scene& scene) {
  SceneFeatures features;
  features.compute(scene);
  BayesianLearner learner;
  learner.add(features, weigh_evidence(features));
  return learner.learn();
}

Mask bayesian_mask(const Scene& scene) {
  const TemporaryFolder folder;
  write_bayesian_tables(folder / "tables.h5", learn_from(scene));
  return BayesianScreener(folder / "tables.h5", Config()).screen(scene);
}

double accuracy(const Scene& scene, const Mask& mask) {
  double right = 0;
  for (std::size_t i = 0; i < scene.pixels(); ++i) {
    right += (mask.cloud_probability[i] >= 0.5F) == (scene.truth[i] == kCloud) ? 1 : 0;
  }
  return right / static_cast<double>(scene.pixels());
}

TEST(LikelihoodTable, HasABinBelowTheEdgesOneAboveAndOneForMissingValues) {
  Scene scene = make_cloudy_scene(30, Sun::kNight);
  SceneFeatures features;
  scene.brightness_temperature_k[0] = std::nanf("");
  features.compute(scene);
  const LikelihoodTable table({{Feature::kS8, {200, 300}}, {Feature::kS7, {100, 200}}});
  EXPECT_EQ(table.cells(), 16U);
  std::vector<std::uint32_t> cells(2);
  table.find_cells(features, 0, cells);
  EXPECT_EQ(cells[0], 1U * 4 + 3);
  EXPECT_EQ(cells[1], 1U * 4 + 2);
}

TEST(LikelihoodTable, SaysNothingWhereHardlyAnythingWasSeen) {
  LikelihoodTable table({{Feature::kS8, {200, 210, 220, 230, 240, 250, 260, 270}}});
  std::vector<double> clear(10);
  std::vector<double> cloud(10);
  clear[8] = 1e5;
  cloud[0] = 1e5;
  cloud[4] = 2;
  table.estimate(clear, cloud);
  const std::vector<float> ratio = table.log_ratio();
  EXPECT_GT(ratio[0], 3);
  EXPECT_LT(ratio[8], -3);
  EXPECT_EQ(ratio[9], 0) << "the bin of missing values, never seen";
  EXPECT_LT(ratio[4], 1.5);
}

TEST(Bayesian, OneSceneIsEnoughToLearnFrom) {
  for (const Sun sun : {Sun::kDay, Sun::kNight}) {
    const Scene scene = make_cloudy_scene(100, sun);
    EXPECT_GT(accuracy(scene, bayesian_mask(scene)), 0.98);
  }
}

TEST(Bayesian, ASceneOfOneKindIsNotTurnedUpsideDown) {
  for (const bool cloudy : {false, true}) {
    for (const Sun sun : {Sun::kDay, Sun::kNight}) {
      Scene scene = make_cloudy_scene(100, sun);
      const Scene pattern = scene;
      const std::size_t from = cloudy ? 50 * 100 + 50 : 0;
      for (std::size_t i = 0; i < scene.pixels(); ++i) {
        std::copy_n(pattern.reflectance.begin() + static_cast<std::ptrdiff_t>(from * 6), 6,
                    scene.reflectance.begin() + static_cast<std::ptrdiff_t>(i * 6));
        std::copy_n(pattern.brightness_temperature_k.begin() + static_cast<std::ptrdiff_t>(from * 3), 3,
                    scene.brightness_temperature_k.begin() + static_cast<std::ptrdiff_t>(i * 3));
        scene.truth[i] = cloudy ? kCloud : kClear;
      }
      EXPECT_GT(accuracy(scene, bayesian_mask(scene)), 0.99) << "cloudy " << cloudy;
    }
  }
}

TEST(Bayesian, AChannelThatIsMissingEverywhereLeavesTheOthers) {
  Scene scene = make_cloudy_scene(100, Sun::kDay);
  for (std::size_t i = 0; i < scene.pixels(); ++i) scene.brightness_temperature_k[i * 3] = std::nanf("");  // S7
  EXPECT_GT(accuracy(scene, bayesian_mask(scene)), 0.98);
  for (std::size_t i = 0; i < scene.pixels(); ++i) scene.reflectance[i * 6] = std::nanf("");  // and S1
  EXPECT_GT(accuracy(scene, bayesian_mask(scene)), 0.98);
}

TEST(Bayesian, MarksMissingPixelsAndOnlyThem) {
  Scene scene = make_cloudy_scene(60, Sun::kDay);
  scene.brightness_temperature_k[1] = std::nanf("");
  const Mask mask = bayesian_mask(scene);
  EXPECT_TRUE(std::isnan(mask.cloud_probability[0]));
  EXPECT_EQ(std::count_if(mask.cloud_probability.begin(), mask.cloud_probability.end(),
                          [](float p) { return std::isnan(p); }),
            1);
}

TEST(Bayesian, TooLittleToLearnFromIsAnError) {
  EXPECT_THAT(fault_of([] { BayesianLearner().learn(); }), HasSubstr("0 pixels are too few"));
}

TEST(BayesianTablesFile, KeepsEverything) {
  const TemporaryFolder folder;
  BayesianTables tables = learn_from(make_cloudy_scene(60, Sun::kDay));
  tables.origin = "here";
  tables.view = View::kOblique;
  write_bayesian_tables(folder / "t.h5", tables);
  const BayesianTables read = read_bayesian_tables(folder / "t.h5");
  EXPECT_EQ(read.origin, "here");
  EXPECT_EQ(read.view, View::kOblique);
  ASSERT_EQ(read.kinds.size(), tables.kinds.size());
  for (std::size_t i = 0; i < read.kinds.size(); ++i) {
    EXPECT_EQ(read.kinds[i].cloud_prior, tables.kinds[i].cloud_prior);
    ASSERT_EQ(read.kinds[i].spectral.axes().size(), tables.kinds[i].spectral.axes().size());
    EXPECT_EQ(read.kinds[i].spectral.axes()[1].quantity, tables.kinds[i].spectral.axes()[1].quantity);
    EXPECT_EQ(read.kinds[i].texture.axes()[0].edges, tables.kinds[i].texture.axes()[0].edges);
    EXPECT_EQ(read.kinds[i].spectral.cells(), tables.kinds[i].spectral.cells());
  }
}

TEST(BayesianTablesFile, SaysWhatIsWrongWithAFile) {
  const TemporaryFolder folder;
  const auto fault = [&] { return fault_of([&] { read_bayesian_tables(folder / "t.h5"); }); };
  RawHdf5(folder / "t.h5").add("mask", {4, 5}, 0.5F);
  EXPECT_THAT(fault(), AllOf(HasSubstr("t.h5"), HasSubstr("holds no Bayesian tables")));
  write_bayesian_tables(folder / "t.h5", learn_from(make_cloudy_scene(60, Sun::kDay)));
  const auto change = [&](auto work) {
    const Hdf5Handle file(H5Fopen((folder / "t.h5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
    work(file.get());
  };
  change([](hid_t file) {
    const std::vector<float> negative(11 * 10, -1);
    const Hdf5Handle dataset(H5Dopen2(file, "day_sea/texture/clear", H5P_DEFAULT));
    H5Dwrite(dataset.get(), H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, negative.data());
  });
  EXPECT_THAT(fault(), AllOf(HasSubstr("day_sea/texture/clear"), HasSubstr("holds -1, wanted probabilities")));
  change([](hid_t file) { H5Ldelete(file, "day_sea/texture/clear", H5P_DEFAULT); });
  EXPECT_THAT(fault(), HasSubstr("day_sea/texture/clear: dataset is missing"));
  change([](hid_t file) { H5Ldelete(file, "day_sea", H5P_DEFAULT); });
  EXPECT_THAT(fault(), HasSubstr("holds none of the groups"));
}

TEST(BayesianTablesFile, ThatDoesNotSayItsViewIsOfTheNadirView) {
  const TemporaryFolder folder;
  BayesianTables tables = learn_from(make_cloudy_scene(60, Sun::kDay));
  tables.view = View::kOblique;
  write_bayesian_tables(folder / "t.h5", tables);
  {
    const Hdf5Handle file(H5Fopen((folder / "t.h5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
    ASSERT_GE(H5Adelete(file.get(), "view"), 0);
  }
  EXPECT_EQ(read_bayesian_tables(folder / "t.h5").view, View::kNadir);
}

TEST(BayesianScreener, WarnsOnceOfScenesOfAnotherViewThanItsTables) {
  const TemporaryFolder folder;
  Scene scene = make_cloudy_scene(60, Sun::kDay);
  write_bayesian_tables(folder / "t.h5", learn_from(scene));
  BayesianScreener screener(folder / "t.h5", Config());
  const auto said = [&](View view) {
    scene.view = view;
    ::testing::internal::CaptureStderr();
    screener.screen(scene);
    return ::testing::internal::GetCapturedStderr();
  };
  EXPECT_EQ(said(View::kNadir), "");
  EXPECT_THAT(said(View::kOblique), AllOf(HasSubstr("t.h5"), HasSubstr("learnt from the nadir view; how good its masks "
                                                                       "of the oblique view are is not known")));
  EXPECT_EQ(said(View::kOblique), "");
}

TEST(BayesianScreener, JudgesKindsWithoutTablesByTheTests) {
  const TemporaryFolder folder;
  write_bayesian_tables(folder / "t.h5", learn_from(make_cloudy_scene(60, Sun::kDay)));
  const Scene night = make_cloudy_scene(60, Sun::kNight);
  const Mask mask = BayesianScreener(folder / "t.h5", Config()).screen(night);
  EXPECT_EQ(mask.cloud_probability,
            ThresholdScreener(default_threshold_tests(), Config()).screen(night).cloud_probability);
}

TEST(Plausibility, DoubtsAMaskThatIsUpsideDownOrAllOneThing) {
  const Scene scene = make_cloudy_scene(100, Sun::kDay);
  SceneFeatures features;
  features.compute(scene);
  std::vector<float> mask(scene.pixels());
  for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = scene.truth[i] == kCloud ? 0.9F : 0.1F;
  EXPECT_EQ(describe_doubts(features, mask.data(), 0.5), "");
  for (float& value : mask) value = 1 - value;
  EXPECT_THAT(describe_doubts(features, mask.data(), 0.5),
              AllOf(HasSubstr("Tref-S8 of cloud"), HasSubstr("S1 of cloud"), HasSubstr("S4 of cloud")));
  std::fill(mask.begin(), mask.end(), 1.0F);
  EXPECT_THAT(describe_doubts(features, mask.data(), 0.5), HasSubstr("100.0 % of it is cloud"));
  std::fill(mask.begin(), mask.end(), std::nanf(""));
  EXPECT_EQ(describe_doubts(features, mask.data(), 0.5), "no pixel has data");
}

TEST(ThresholdScreener, GivesProbabilitiesAndOneFlagATest) {
  Scene scene = make_cloudy_scene(100, Sun::kDay);
  scene.brightness_temperature_k[1] = std::nanf("");
  ThresholdScreener screener(default_threshold_tests(), Config());
  const Mask mask = screener.screen(scene);
  EXPECT_TRUE(std::isnan(mask.cloud_probability[0]));
  EXPECT_EQ(mask.flags.size(), scene.pixels());
  EXPECT_EQ(mask.flag_names, default_threshold_tests().flag_names());
  EXPECT_EQ(screener.origin().method, "threshold");
  EXPECT_THAT(screener.origin().model, HasSubstr("threshold_tests.yaml (checksum"));
}

}  // namespace
}  // namespace cloudmask
