#include "cloudmask/scene/product.h"

#include <gmock/gmock.h>

#include <cmath>

#include "cloudmask/base/files.h"
#include "cloudmask/scene/product_pixels.h"
#include "cloudmask/scene/scene.h"
#include "cloudmask/scene/scene_reader.h"
#include "support/temporary_folder.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kName =
    "S3A_SL_1_RBT____20210930T220914_20210930T221214_20211002T102150_0180_077_043_5400_LN2_O_NT_004";
const float kNan = std::nanf("");

// How far `b` is from `a` in any place; infinite when one is missing where the other is not.
float distance(std::span<const float> a, const std::vector<float>& b) {
  float farthest = a.size() == b.size() ? 0 : INFINITY;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (std::isnan(a[i]) != std::isnan(b[i])) return INFINITY;
    if (!std::isnan(a[i])) farthest = std::max(farthest, std::abs(a[i] - b[i]));
  }
  return farthest;
}

TEST(ProductName, TellsTypeAndBaseline) {
  for (const char* ending : {"", ".SEN3", ".SEN3.zip", ".zip", ".SEN3.tar"}) {
    const auto name = parse_product_name(kName + ending);
    ASSERT_TRUE(name) << ending;
    EXPECT_EQ(name->type, "SL_1_RBT");
    EXPECT_EQ(name->baseline, 4);
  }
  EXPECT_EQ(parse_product_name("S3B_OL_2_LFR____20200101T000000_x_002.SEN3")->type, "OL_2_LFR");
  for (const char* other : {"", "S3A_scene.hdf", "renamed.SEN3", "S3A_SL_1_RBT"}) {
    EXPECT_FALSE(parse_product_name(other)) << other;
  }
}

TEST(ProductName, OtherLevelsAreRefused) {
  EXPECT_NO_THROW(require_level_1("renamed.SEN3", "renamed.SEN3"));
  EXPECT_THAT(fault_of([] { require_level_1("p", "S3A_SL_2_WST____20200101T000000_x_003.SEN3"); }),
              HasSubstr("type SL_2_WST, wanted SL_1_RBT"));
}

TEST(FindScenes, FindsProductsBesideScenesAndNotWhatIsInThem) {
  const TemporaryFolder folder;
  for (const std::string& name :
       {kName + ".SEN3/S8_BT_in.nc", kName + ".SEN3/S3A_inside.hdf", std::string("S3A_1.hdf"),
        std::string("S3A_OL_1_EFR____20200101T000000_x_002.SEN3/a.nc"), "deep/" + kName + ".zip"}) {
    fs::create_directories((folder / name).parent_path());
    write_file_atomically(folder / name, "x");
  }
  EXPECT_THAT(find_scenes(folder.path()),
              ElementsAre(folder / "S3A_1.hdf", folder / (kName + ".SEN3"), folder / ("deep/" + kName + ".zip")));
  EXPECT_THAT(find_scenes(folder / (kName + ".SEN3/")), ElementsAre(folder / (kName + ".SEN3")));
  EXPECT_EQ(scene_parts(folder / (kName + ".SEN3"), View::kNadir).size(), 1U);
  EXPECT_TRUE(scene_parts(folder / (kName + ".SEN3"), View::kOblique).empty());
}

TEST(FindScenes, AnArchiveBesideItsUnpackedProductIsTheSameScene) {
  const TemporaryFolder folder;
  fs::create_directories(folder / (kName + ".SEN3"));
  write_file_atomically(folder / (kName + ".zip"), "x");
  write_file_atomically(folder / (kName + ".SEN3.tar"), "x");
  EXPECT_THAT(find_scenes(folder.path()), ElementsAre(folder / (kName + ".SEN3")));
}

TEST(TiePoints, AreJoinedByStraightLines) {
  std::vector<float> pixels(40);
  spread_tie_points(std::vector<float>{10, 26, 58}, /*first_px=*/-8, pixels);
  EXPECT_FLOAT_EQ(pixels[0], 18);
  EXPECT_FLOAT_EQ(pixels[8], 26);
  EXPECT_FLOAT_EQ(pixels[16], 42);
  EXPECT_FLOAT_EQ(pixels[24], 58);
  EXPECT_FLOAT_EQ(pixels[39], 88) << "one spacing beyond the last";
}

TEST(TiePoints, MissingOnesAreBridgedAndNothingIsMadeUpFarFromValidOnes) {
  std::vector<float> pixels(81);
  spread_tie_points(std::vector<float>{kNan, kNan, 10, kNan, 30, kNan}, 0, pixels);
  EXPECT_TRUE(std::isnan(pixels[15]));
  EXPECT_FLOAT_EQ(pixels[16], 0);
  EXPECT_FLOAT_EQ(pixels[48], 20);
  EXPECT_FLOAT_EQ(pixels[80], 40);
  spread_tie_points(std::vector<float>{kNan, 1, kNan}, 0, pixels);
  EXPECT_TRUE(std::isnan(pixels[16])) << "one alone makes no line";
}

TEST(SunAngle, GivesNoReflectanceNearTheHorizonOrByNight) {
  std::vector<float> per_cosine(5);
  reciprocal_cosine(std::vector<float>{0, 60, 85, 130, kNan}, per_cosine);
  EXPECT_LT(distance(per_cosine, {1, 2, kNan, kNan, kNan}), 1e-6);
}

TEST(DetectorGains, TakeTheMeanWhereADetectorHasNoIrradiance) {
  const float pi = 3.14159265F;
  const DetectorGains gains = detector_gains(std::vector<float>{100, kNan, 300, 0}, 50, 0.5F);
  EXPECT_FLOAT_EQ(gains[0], pi * 0.5F / 100);
  for (const std::size_t i : {1, 3, 4, 255}) EXPECT_FLOAT_EQ(gains[i], pi * 0.5F / 200) << i;
  EXPECT_FLOAT_EQ(detector_gains({}, 50, 1)[7], pi / 50);
}

// 4 x 6 pixels of 500 m over 1 km pixels that begin one row and one column further in.
struct FineExample {
  std::vector<float> radiance = std::vector<float>(24, 1);
  std::vector<float> exception = std::vector<float>(24, 0);
  std::vector<std::uint8_t> detector = std::vector<std::uint8_t>(24, 0);
  DetectorGains gains{};
  FineGrid grid{.height_px = 4, .width_px = 6, .first_row = 1, .first_column = 1};

  std::vector<float> row(std::size_t row) {
    gains.fill(1);
    std::vector<float> out(3);
    average_fine_row({radiance.data(), exception.data(), detector.data(), &gains}, grid, row, out);
    return out;
  }
};

TEST(FineGrid, AveragesTheFourPixelsThatLieBelowOne) {
  FineExample fine;
  fine.radiance[1 * 6 + 1] = 5;
  fine.radiance[2 * 6 + 2] = 3;
  fine.radiance[0] = 100;  // above and left of all
  EXPECT_LT(distance(fine.row(0), {2.5F, 1, 1}), 1e-6) << "the last has no column beyond the grid";
  EXPECT_LT(distance(fine.row(1), {1, 1, 1}), 1e-6) << "only its upper row is there";
  EXPECT_LT(distance(fine.row(2), {kNan, kNan, kNan}), 1e-6) << "below the grid";
}

TEST(FineGrid, KeepsCosmeticFillsAndDropsOtherExceptions) {
  FineExample fine;
  fine.radiance[7] = fine.radiance[8] = 9;
  fine.exception[7] = 2;
  fine.exception[8] = 16;
  EXPECT_LT(distance(fine.row(0), {11.0F / 3, 1, 1}), 1e-6);
  for (const std::size_t i : {9, 10, 15, 16}) fine.radiance[i] = kNan;
  EXPECT_LT(distance(fine.row(0), {11.0F / 3, kNan, 1}), 1e-6);
}

TEST(ProductFlags, BayesIsOneBitAndConfidenceTellsTheSurface) {
  std::vector<std::uint8_t> codes(5);
  bayes_codes(std::vector<float>{0, 1, 2, 3, 255}, codes);
  EXPECT_THAT(codes, ElementsAre(kClear, kClear, kCloud, kCloud, kUnknown));
  confidence_surface(std::vector<float>{2, 8, 16384 + 8, 1, kNan}, codes);
  EXPECT_THAT(codes, ElementsAre(0, 1, 1, 255, 255));
  summary_codes(std::vector<float>{2, 16384 + 2, 16384 + 32, 8, kNan}, codes);
  EXPECT_THAT(codes, ElementsAre(kClear, kCloud, kUnknown, kClear, kUnknown));
}

}  // namespace
}  // namespace cloudmask
