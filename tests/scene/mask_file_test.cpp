#include "cloudmask/scene/mask_file.h"

#include <gmock/gmock.h>

#include <chrono>
#include <cmath>

#include "cloudmask/base/files.h"
#include "support/raw_hdf5.h"
#include "support/temporary_folder.h"
#include "support/tiny_scene.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

TEST(MaskFile, ReadsBackProbabilitiesAndOrigin) {
  const TemporaryFolder folder;
  Mask mask;
  mask.height_px = 2;
  mask.width_px = 3;
  mask.cloud_probability = {0.0F, 0.25F, 1.0F, 0.5F, std::nanf(""), 0.75F};
  write_mask(folder / "m.h5", mask, {"S3A_x.hdf", "network", "model.h5 1234", 0.4});
  const MaskContent read = read_mask(folder / "m.h5");
  EXPECT_EQ(read.mask.height_px, 2);
  EXPECT_EQ(read.mask.width_px, 3);
  for (const std::size_t i : {0, 1, 2, 3, 5}) EXPECT_EQ(read.mask.cloud_probability[i], mask.cloud_probability[i]);
  EXPECT_TRUE(std::isnan(read.mask.cloud_probability[4]));
  EXPECT_EQ(read.origin.scene, "S3A_x.hdf");
  EXPECT_EQ(read.origin.method, "network");
  EXPECT_EQ(read.origin.model, "model.h5 1234");
  EXPECT_EQ(read.origin.threshold, 0.4);
}

TEST(MaskFile, ReadsTheShapesOfTheReferenceProgram) {
  const TemporaryFolder folder;
  for (const std::vector<hsize_t>& shape :
       {std::vector<hsize_t>{1, 4, 5, 1}, std::vector<hsize_t>{4, 5, 1}, std::vector<hsize_t>{4, 5}}) {
    RawHdf5(folder / "m.h5").add("mask", shape, 0.5F);
    const MaskContent read = read_mask(folder / "m.h5");
    EXPECT_EQ(read.mask.height_px, 4);
    EXPECT_EQ(read.mask.width_px, 5);
    EXPECT_EQ(read.origin.threshold, 0.5);
  }
}

TEST(MaskFile, RefusesWhatIsNoProbability) {
  const TemporaryFolder folder;
  RawHdf5(folder / "m.h5").add("mask", {4, 5}, 1.5F);
  EXPECT_THAT(fault_of([&] { read_mask(folder / "m.h5"); }), HasSubstr("holds 1.5, wanted probabilities"));
  RawHdf5(folder / "m.h5").add("mask", {4, 5, 2}, 0.5F);
  EXPECT_THAT(fault_of([&] { read_mask(folder / "m.h5"); }), HasSubstr("shape [4, 5, 2]"));
  RawHdf5(folder / "m.h5").add("other", {4, 5}, 0.5F);
  EXPECT_THAT(fault_of([&] { read_mask(folder / "m.h5"); }), HasSubstr("dataset mask is missing"));
}

TEST(MaskFile, OfASceneHasItsSize) {
  const TemporaryFolder folder;
  RawHdf5(folder / "m.h5").add("mask", {4, 5}, 0.5F);
  EXPECT_EQ(read_mask(folder / "m.h5", make_tiny_scene(4, 5)).mask.width_px, 5);
  EXPECT_THAT(fault_of([&] { read_mask(folder / "m.h5", make_tiny_scene(5, 4)); }),
              HasSubstr("m.h5: mask has 4 x 5 px, wanted 5 x 4 px"));
}

TEST(MaskFile, OfTheOtherViewIsNotTheMaskOfAScene) {
  const TemporaryFolder folder;
  MaskOrigin origin;
  origin.view = View::kOblique;
  write_mask(folder / "m.h5", {4, 5, std::vector<float>(20, 0.5F), {}, {}}, origin);
  Scene scene = make_tiny_scene(4, 5);
  EXPECT_THAT(fault_of([&] { read_mask(folder / "m.h5", scene); }),
              HasSubstr("m.h5: is a mask of the oblique view, wanted the nadir view"));
  scene.view = View::kOblique;
  EXPECT_EQ(read_mask(folder / "m.h5", scene).origin.view, View::kOblique);
}

TEST(MaskFile, ThatDoesNotSayItsViewIsTheMaskOfASceneOfAny) {
  const TemporaryFolder folder;
  RawHdf5(folder / "m.h5").add("mask", {4, 5}, 0.5F);
  Scene scene = make_tiny_scene(4, 5);
  for (const View view : {View::kNadir, View::kOblique}) {
    scene.view = view;
    EXPECT_EQ(read_mask(folder / "m.h5", scene).origin.view, view);
  }
  EXPECT_EQ(read_mask(folder / "m.h5").origin.view, View::kNadir);
}

TEST(MaskFile, IsNamedAfterTheSceneAndItsView) {
  EXPECT_EQ(mask_path("out", "deep/S3A_x.hdf", View::kNadir), fs::path("out/S3A_x.hdf.h5"));
  EXPECT_EQ(mask_path("out", "deep/p.SEN3", View::kOblique, MaskFormat::kNetcdf), fs::path("out/p.SEN3.oblique.nc"));
}

Mask make_mask() {
  Mask mask;
  mask.height_px = 2;
  mask.width_px = 3;
  mask.cloud_probability = {0.0F, 0.25F, 1.0F, 0.5F, std::nanf(""), 0.75F};
  return mask;
}

TEST(MaskFile, NetcdfReadsBackTheSame) {
  const TemporaryFolder folder;
  const Mask mask = make_mask();
  Geolocation place;
  place.latitude_deg = {1, 2, 3, 4, 5, 6};
  place.longitude_deg = {7, 8, 9, 10, 11, 12};
  for (const Geolocation& geolocation : {place, Geolocation()}) {
    const MaskOrigin origin{"S3A_x.SEN3", "network", "model.h5 1234", 0.4, {}, View::kOblique};
    write_mask(folder / "m.nc", mask, origin, geolocation);
    const MaskContent read = read_mask(folder / "m.nc");
    EXPECT_EQ(read.mask.height_px, 2);
    EXPECT_EQ(read.mask.width_px, 3);
    for (const std::size_t i : {0, 1, 2, 3, 5}) EXPECT_EQ(read.mask.cloud_probability[i], mask.cloud_probability[i]);
    EXPECT_TRUE(std::isnan(read.mask.cloud_probability[4]));
    EXPECT_EQ(read.origin.scene, "S3A_x.SEN3");
    EXPECT_EQ(read.origin.threshold, 0.4);
    EXPECT_EQ(read.origin.view, View::kOblique);
    EXPECT_EQ(read_mask_origin(folder / "m.nc").model, "model.h5 1234");
  }
}

TEST(MaskFile, TheNewerOfTwoFormatsIsTheMask) {
  const TemporaryFolder folder;
  const fs::path scene = "scenes/S3A_x.hdf";
  EXPECT_EQ(find_mask(folder.path(), scene, View::kNadir), folder / "S3A_x.hdf.h5") << "none is there";
  write_mask(mask_path(folder.path(), scene, View::kNadir, MaskFormat::kNetcdf), make_mask(), {});
  EXPECT_EQ(find_mask(folder.path(), scene, View::kNadir), folder / "S3A_x.hdf.nc");
  write_mask(mask_path(folder.path(), scene, View::kNadir), make_mask(), {});
  fs::last_write_time(folder / "S3A_x.hdf.nc", fs::last_write_time(folder / "S3A_x.hdf.h5") - std::chrono::hours(1));
  EXPECT_EQ(find_mask(folder.path(), scene, View::kNadir), folder / "S3A_x.hdf.h5");
}

TEST(MaskFile, AFailedWriteLeavesNothingBehind) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "file", "x");
  EXPECT_THROW(write_mask(folder / "file/m.h5", Mask(), {}), Error);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 1);
}

}  // namespace
}  // namespace cloudmask
