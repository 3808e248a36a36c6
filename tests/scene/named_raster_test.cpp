#include "cloudmask/scene/named_raster.h"

#include <gmock/gmock.h>

#include "cloudmask/scene/scene_writer.h"
#include "support/temporary_folder.h"
#include "support/tiny_scene.h"

namespace cloudmask {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(NamedRaster, IsReadWhereThereIsOneAndOfTheScenesSize) {
  const TemporaryFolder folder;
  Scene scene = make_tiny_scene(2, 2);
  write_scene(folder / "S3A_1.hdf", scene, {{"surface_temperature_k", "", {1, 2, 3, 4}}});
  EXPECT_THAT(read_named_raster(folder / "S3A_1.hdf", "surface_temperature_k", scene),
              ::testing::ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(read_named_raster(folder / "S3A_1.hdf", "cloud_kind", scene), ::testing::IsEmpty());
  scene.width_px = 4;
  EXPECT_THAT(fault_of([&] { read_named_raster(folder / "S3A_1.hdf", "surface_temperature_k", scene); }),
              AllOf(HasSubstr("S3A_1.hdf"), HasSubstr("surface_temperature_k has 2 x 2"), HasSubstr("2 x 4 px")));
}

}  // namespace
}  // namespace cloudmask
