#include "cloudmask/scene/scene_reader.h"

#include <gmock/gmock.h>

#include <cmath>
#include <fstream>

#include "cloudmask/base/files.h"
#include "cloudmask/scene/scene_writer.h"
#include "support/raw_hdf5.h"
#include "support/temporary_folder.h"
#include "support/tiny_scene.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int kHeight_px = 6;
constexpr int kWidth_px = 8;
constexpr std::size_t kPixels = kHeight_px * kWidth_px;

std::vector<float> ramp(std::size_t count, float from, float step) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = from + step * static_cast<float>(i);
  return values;
}

TEST(SceneReader, ReadsBackWhatTheWriterWrote) {
  const TemporaryFolder folder;
  const Scene scene = make_tiny_scene(kHeight_px, kWidth_px);
  for (const int deflate_level : {0, 4}) {
    write_scene(folder / "S3A_tiny.hdf", scene, {}, {.full = true, .deflate_level = deflate_level});
    const Scene read = read_scene(folder / "S3A_tiny.hdf");
    EXPECT_EQ(read.name, scene.name);
    EXPECT_EQ(read.height_px, kHeight_px);
    EXPECT_EQ(read.width_px, kWidth_px);
    EXPECT_EQ(read.reflectance, scene.reflectance);
    EXPECT_EQ(read.brightness_temperature_k, scene.brightness_temperature_k);
    EXPECT_EQ(read.label, scene.label);
    EXPECT_EQ(read.truth, scene.truth);
    EXPECT_EQ(read.surface, scene.surface);
  }
}

TEST(SceneReader, SameSceneGivesSameBytes) {
  const TemporaryFolder folder;
  const Scene scene = make_tiny_scene(kHeight_px, kWidth_px);
  write_scene(folder / "a.hdf", scene);
  write_scene(folder / "b.hdf", scene);
  EXPECT_TRUE(read_file(folder / "a.hdf") == read_file(folder / "b.hdf"));
}

TEST(SceneReader, ReflectanceAt500mComesBackAt1Km) {
  const TemporaryFolder folder;
  const Scene scene = make_tiny_scene(kHeight_px, kWidth_px);
  write_scene(folder / "S3A.hdf", scene, {}, {.reflectance_500m = true});
  EXPECT_TRUE(inspect_scene(folder / "S3A.hdf").reflectance_500m);
  const Scene read = read_scene(folder / "S3A.hdf");
  ASSERT_EQ(read.reflectance.size(), scene.reflectance.size());
  for (std::size_t i = 0; i < scene.reflectance.size(); ++i) {
    EXPECT_NEAR(read.reflectance[i], scene.reflectance[i], 1e-6);
  }
}

TEST(SceneReader, AveragesOnlyTheValidOnesOfFour) {
  const TemporaryFolder folder;
  {
    RawHdf5 raw(folder / "S3A.hdf");
    raw.add("bts", {1, 2, 3}, 280.0F);
    std::vector<float> fine(2 * 4 * 6, 0.2F);
    fine[0] = 0.4F;  // pixel 0, S1: 0.4 0.2 NaN 0.2
    fine[4 * 6] = std::nanf("");
    for (const int x : {2, 3, 6, 7}) fine[static_cast<std::size_t>(x * 6 + 5)] = std::nanf("");  // pixel 1, S6: none
    raw.add("refs", {2, 4, 6}, fine);
  }
  const Scene scene = read_scene(folder / "S3A.hdf");
  EXPECT_NEAR(scene.reflectance[0], 0.8F / 3, 1e-6);
  EXPECT_NEAR(scene.reflectance[1], 0.2F, 1e-6);
  EXPECT_TRUE(std::isnan(scene.reflectance[6 + 5]));
}

TEST(SceneReader, ChannelsFirstMeansTheSame) {
  const TemporaryFolder folder;
  {
    RawHdf5 raw(folder / "S3A.hdf");
    raw.add("bts", {3, kHeight_px, kWidth_px}, ramp(3 * kPixels, 200, 0.5F));
    raw.add("refs", {6, kHeight_px, kWidth_px}, ramp(6 * kPixels, 0, 0.001F));
  }
  const Scene scene = read_scene(folder / "S3A.hdf");
  EXPECT_FLOAT_EQ(scene.brightness_temperature_k[5 * 3 + 1], 200 + 0.5F * (kPixels + 5));
  EXPECT_NEAR(scene.reflectance[7 * 6 + 4], 0.001F * (4 * kPixels + 7), 1e-6);
  EXPECT_THAT(inspect_scene(folder / "S3A.hdf").layout, HasSubstr("channels first"));
}

TEST(SceneReader, TakesIntegersDoublesChunksAndScales) {
  const TemporaryFolder folder;
  {
    RawHdf5 raw(folder / "S3A.hdf");
    raw.add("bts", {kHeight_px, kWidth_px, 3}, 28000.0F,
            {.chunk = {4, 4, 3}, .deflate = 3, .file_type = H5T_STD_I16LE, .scale_factor = 0.01});
    raw.add("refs", {kHeight_px, kWidth_px, 6}, 0.25F, {.file_type = H5T_IEEE_F64BE});
    raw.add("bayes", {kHeight_px, kWidth_px}, 2.0F, {.file_type = H5T_STD_U8LE});
  }
  const Scene scene = read_scene(folder / "S3A.hdf");
  EXPECT_NEAR(scene.brightness_temperature_k[0], 280, 1e-3);
  EXPECT_EQ(scene.reflectance[3], 0.25F);
  EXPECT_EQ(scene.label[0], kCloud);
  EXPECT_THAT(inspect_scene(folder / "S3A.hdf").layout, HasSubstr("contiguous"));
}

TEST(SceneReader, CodesThatNobodyJudgedAreUnknown) {
  const TemporaryFolder folder;
  {
    RawHdf5 raw(folder / "S3A.hdf");
    raw.add("bts", {2, 2, 3}, 280.0F);
    raw.add("refs", {2, 2, 6}, 0.1F);
    for (const char* name : {"bayes", "truth"}) raw.add(name, {2, 2}, std::vector<float>{0, 255, 2, -1});
  }
  const Scene scene = read_scene(folder / "S3A.hdf");
  EXPECT_THAT(scene.label, ElementsAre(kClear, kUnknown, kCloud, kUnknown));
  EXPECT_THAT(scene.truth, ElementsAre(kClear, kUnknown, kCloud, kUnknown));
}

TEST(SceneReader, FillValuesAndImpossibleValuesAreMissing) {
  const TemporaryFolder folder;
  {
    RawHdf5 raw(folder / "S3A.hdf");
    std::vector<float> temperatures(4 * 3, 280.0F);
    temperatures[0] = -999;
    temperatures[4] = std::numeric_limits<float>::infinity();
    temperatures[8] = 300;
    raw.add("bts", {2, 2, 3}, temperatures, {.fill_value = 300, .has_fill_value = true});
    raw.add("refs", {2, 2, 6}, -32768.0F);
    raw.add("bayes", {2, 2, 1}, std::vector<float>{0, 1, std::nanf(""), 0});
  }
  const Scene scene = read_scene(folder / "S3A.hdf");
  EXPECT_FALSE(pixel_missing(scene, 0)) << "S7 alone";
  EXPECT_TRUE(pixel_missing(scene, 1)) << "infinite S8";
  EXPECT_TRUE(pixel_missing(scene, 2)) << "S9 is the fill value";
  EXPECT_FALSE(pixel_missing(scene, 3));
  EXPECT_TRUE(std::isnan(scene.reflectance[0]));
  EXPECT_THAT(scene.label, ElementsAre(kClear, kCloud, kUnknown, kClear));
}

TEST(SceneReader, LabelsAreNeededOnlyWhenAskedFor) {
  const TemporaryFolder folder;
  Scene scene = make_tiny_scene(kHeight_px, kWidth_px);
  scene.label.clear();
  write_scene(folder / "S3A.hdf", scene);
  EXPECT_TRUE(read_scene(folder / "S3A.hdf").label.empty());
  EXPECT_THAT(fault_of([&] { read_scene(folder / "S3A.hdf", {.need_label = true}); }),
              ::testing::AllOf(HasSubstr("S3A.hdf"), HasSubstr("dataset bayes is missing")));
}

TEST(SceneReader, UnwantedLabelsAreNotLookedAt) {
  const TemporaryFolder folder;
  {
    RawHdf5 raw(folder / "S3A.hdf");
    raw.add("bts", {2, 2, 3}, 280);
    raw.add("refs", {2, 2, 6}, 0.1F);
    raw.add("bayes", {5, 7, 1}, 1);
  }
  EXPECT_EQ(read_scene(folder / "S3A.hdf", {.want_label = false}).pixels(), 4U);
  EXPECT_THAT(fault_of([&] { read_scene(folder / "S3A.hdf"); }), HasSubstr("bayes has 5 x 7 px, wanted 2 x 2"));
}

// One malformed file: how it is made and what the message must say.
struct Malformed {
  const char* name;
  void (*make)(const fs::path& file);
  const char* message;
};

class MalformedScene : public ::testing::TestWithParam<Malformed> {};

TEST(SceneReader, NegativeLabelsAreUnknown) {
  const TemporaryFolder folder;
  {
    RawHdf5 raw(folder / "S3A.hdf");
    raw.add("bts", {2, 2, 3}, 280);
    raw.add("refs", {2, 2, 6}, 0.1F);
    raw.add("bayes", {2, 2, 1}, std::vector<float>{-999, 0, 1, -999});
  }
  EXPECT_THAT(read_scene(folder / "S3A.hdf").label, ElementsAre(kUnknown, kClear, kCloud, kUnknown));
}

TEST_P(MalformedScene, IsRefusedByNameWithoutReading) {
  const TemporaryFolder folder;
  const fs::path file = folder / "S3A_bad.hdf";
  GetParam().make(file);
  for (const std::string& fault : {fault_of([&] { read_scene(file); }), fault_of([&] { inspect_scene(file); })}) {
    EXPECT_THAT(fault, HasSubstr("S3A_bad.hdf"));
    EXPECT_THAT(fault, HasSubstr(GetParam().message));
    EXPECT_EQ(fault.find('\n'), std::string::npos);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Zoo, MalformedScene,
    ::testing::Values(
        Malformed{"Absent", [](const fs::path&) {}, "cannot be read"},
        Malformed{"Folder", [](const fs::path& file) { fs::create_directory(file); }, "cannot be read"},
        Malformed{"Empty", [](const fs::path& file) { write_file_atomically(file, ""); }, "is empty"},
        Malformed{"Text", [](const fs::path& file) { write_file_atomically(file, "clouds"); }, "not an HDF5 file"},
        Malformed{"Truncated",
                  [](const fs::path& file) {
                    write_scene(file, make_tiny_scene(64, 64));
                    fs::resize_file(file, fs::file_size(file) / 2);
                  },
                  "truncated"},
        Malformed{"LinkToAnotherFile",
                  [](const fs::path& file) { RawHdf5(file).add_external_link("bts", "S3A_other.hdf"); },
                  "bts is a link to another file"},
        Malformed{"GigabytesInAHeader",
                  [](const fs::path& file) {
                    RawHdf5(file).add_chunks("bts", {16384, 16384, 3}, {.chunk = {64, 64, 3}, .deflate = 1},
                                             {{{0, 0, 0}, std::string(1000, 'x'), 0}});
                  },
                  "too few to hold them"},
        Malformed{"NoTemperature",
                  [](const fs::path& file) {
                    RawHdf5(file).add("refs", {2, 2, 6}, 0.1F);
                  },
                  "dataset bts is missing"},
        Malformed{"NoReflectance",
                  [](const fs::path& file) {
                    RawHdf5(file).add("bts", {2, 2, 3}, 280);
                  },
                  "dataset refs is missing"},
        Malformed{"Group", [](const fs::path& file) { RawHdf5(file).add_group("bts"); }, "bts is not a dataset"},
        Malformed{"WrongRank",
                  [](const fs::path& file) {
                    RawHdf5(file).add("bts", {2, 6}, 280);
                  },
                  "bts has shape [2, 6], wanted [height, width, 3]"},
        Malformed{"WrongChannels",
                  [](const fs::path& file) {
                    RawHdf5(file).add("bts", {8, 8, 4}, 280);
                  },
                  "bts has shape [8, 8, 4]"},
        Malformed{"NoPixels",
                  [](const fs::path& file) {
                    RawHdf5(file).add("bts", {0, 4, 3}, 280);
                  },
                  "0 x 4 pixels"},
        Malformed{"TooManyPixels",
                  [](const fs::path& file) {
                    RawHdf5(file).add_unwritten("bts", {1U << 20, 1U << 20, 3});
                  },
                  "pixels, wanted"},
        Malformed{"Text type",
                  [](const fs::path& file) {
                    RawHdf5(file).add_text("bts", {2, 2, 3});
                  },
                  "bts holds text, wanted numbers"},
        Malformed{"Unwritten",
                  [](const fs::path& file) {
                    RawHdf5(file).add_unwritten("bts", {2, 2, 3});
                  },
                  "bts was never written"},
        Malformed{"SizesDisagree",
                  [](const fs::path& file) {
                    RawHdf5 raw(file);
                    raw.add("bts", {4, 4, 3}, 280);
                    raw.add("refs", {4, 5, 6}, 0.1F);
                  },
                  "refs has 4 x 5 px, wanted 4 x 4 px as bts has 4 x 4 px"}),
    [](const auto& malformed) {
      std::string name = malformed.param.name;
      std::erase(name, ' ');
      return name;
    });

TEST(SceneReader, SceneWithoutValidPixelIsRefused) {
  const TemporaryFolder folder;
  {
    RawHdf5 raw(folder / "S3A.hdf");
    raw.add("bts", {2, 2, 3}, -32768);
    raw.add("refs", {2, 2, 6}, 0.1F);
  }
  EXPECT_THAT(fault_of([&] { read_scene(folder / "S3A.hdf"); }), HasSubstr("bts has no pixel with valid S8 and S9"));
}

TEST(SceneReader, ReflectanceGridOfTheConfigurationIsEnforced) {
  const TemporaryFolder folder;
  write_scene(folder / "S3A.hdf", make_tiny_scene(4, 4));
  EXPECT_NO_THROW(read_scene(folder / "S3A.hdf", {.reflectance_grid = ReflectanceGrid::k1Km}));
  EXPECT_THAT(fault_of([&] { read_scene(folder / "S3A.hdf", {.reflectance_grid = ReflectanceGrid::k500M}); }),
              HasSubstr("refs has 4 x 4 px, wanted 8 x 8"));
}

TEST(SceneReader, TheBenchmarksFilesHaveNoObliqueView) {
  const TemporaryFolder folder;
  write_scene(folder / "S3A.hdf", make_tiny_scene(4, 4));
  EXPECT_EQ(read_scene(folder / "S3A.hdf").view, View::kNadir);
  for (const auto& read : {+[](const fs::path&file, const ReadOptions&options) { read_scene(file, options); },
                           +[](const fs::path&file, const ReadOptions&options) { inspect_scene(file, options); }}) {
    EXPECT_THAT(fault_of([&] { read(folder / "S3A.hdf", {.view = View::kOblique}); }),
                HasSubstr("S3A.hdf: holds the nadir view alone; view: oblique is for ESA's products"));
  }
}

TEST(SceneReader, AnyTruncationIsAnErrorOrTheWholeScene) {
  const TemporaryFolder folder;
  const Scene scene = make_tiny_scene(16, 16);
  write_scene(folder / "whole.hdf", scene, {}, {.deflate_level = 2});
  const std::string bytes = read_file(folder / "whole.hdf");
  for (std::size_t length = 0; length < bytes.size(); length += 97) {
    write_file_atomically(folder / "cut.hdf", bytes.substr(0, length));
    EXPECT_THROW(read_scene(folder / "cut.hdf"), Error) << length << " of " << bytes.size() << " bytes";
  }
}

TEST(FindScenes, FindsScenesAtAnyDepthInPythonsOrder) {
  const TemporaryFolder folder;
  for (const char* name : {"a/S3B_2.hdf", "a/S3A_1.hdf", "a.b/S3A_0.hdf", "S3A_3.hdf", "S3C_4.hdf", "S3A_5.h5"}) {
    fs::create_directories((folder / name).parent_path());
    write_file_atomically(folder / name, "x");
  }
  fs::create_directory_symlink(folder.path(), folder / "a/circle");
  EXPECT_THAT(find_scenes(folder.path()), ElementsAre(folder / "S3A_3.hdf", folder / "a.b/S3A_0.hdf",
                                                      folder / "a/S3A_1.hdf", folder / "a/S3B_2.hdf"));
}

TEST(FindScenes, NothingFoundIsAnError) {
  const TemporaryFolder folder;
  EXPECT_THAT(fault_of([&] { find_scenes(folder.path()); }), HasSubstr("holds no scene"));
  EXPECT_THAT(fault_of([&] { find_scenes(folder / "absent"); }), HasSubstr("no such file or folder"));
}

TEST(FindScenes, SeveralInputsGiveEachSceneOnce) {
  const TemporaryFolder folder;
  for (const char* name : {"S3A_1.hdf", "S3A_2.hdf"}) write_file_atomically(folder / name, "x");
  const std::vector<fs::path> inputs = {folder / "S3A_2.hdf", folder.path()};
  EXPECT_THAT(find_scenes(inputs), ElementsAre(folder / "S3A_2.hdf", folder / "S3A_1.hdf"));
}

}  // namespace
}  // namespace cloudmask
