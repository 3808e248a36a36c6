#include "cloudmask/scene/raster_values.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "cloudmask/base/files.h"
#include "cloudmask/base/parallel_for.h"
#include "cloudmask/scene/hdf5_io.h"
#include "cloudmask/scene/locate_values.h"
#include "cloudmask/scene/packed_raster.h"
#include "cloudmask/scene/raster.h"
#include "cloudmask/scene/scene_reader.h"
#include "cloudmask/scene/scene_writer.h"
#include "support/raw_hdf5.h"
#include "support/temporary_folder.h"
#include "support/tiny_scene.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr hsize_t kHeight_px = 301;
constexpr hsize_t kWidth_px = 90;

// Every value different, some missing and some out of range.
std::vector<float> numbers(hsize_t count, float from, float to) {
  std::vector<float> values(count);
  for (hsize_t i = 0; i < count; ++i) {
    values[i] = from + (to - from) * static_cast<float>(i * 7919 % count) / static_cast<float>(count);
    if (i % 31 == 5) values[i] = std::numeric_limits<float>::quiet_NaN();
    if (i % 37 == 6) values[i] = -32768;
  }
  return values;
}

// How `refs` is stored, and whether it is read around the library.
struct Form {
  const char* name;
  RawStorage storage;
  bool direct = true;
  bool channels_first = false;
  bool fine = false;
  hsize_t user_block_bytes = 0;
};

void write_form(const fs::path& file, const Form& form) {
  RawHdf5 raw(file, form.user_block_bytes);
  raw.add("bts", {kHeight_px, kWidth_px, 3}, numbers(kHeight_px * kWidth_px * 3, 200, 310));
  raw.add("bayes", {kHeight_px, kWidth_px, 1}, numbers(kHeight_px * kWidth_px, -1, 2),
          {.chunk = {64, 33, 1}, .deflate = 1});
  const hsize_t factor = form.fine ? 2 : 1;
  std::vector<hsize_t> shape = {factor * kHeight_px, factor * kWidth_px, 6};
  if (form.channels_first) shape = {6, factor * kHeight_px, factor * kWidth_px};
  raw.add("refs", shape, numbers(factor * factor * kHeight_px * kWidth_px * 6, 0, 1.1F), form.storage);
}

template <typename Vector>
bool same_bytes(const Vector& a, const Vector& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(a[0])) == 0;
}

class StoredForm : public ::testing::TestWithParam<Form> {};

TEST_P(StoredForm, GivesTheValuesThatTheLibraryGives) {
  const TemporaryFolder folder;
  write_form(folder / "S3A.hdf", GetParam());
  const Scene slow = read_scene(folder / "S3A.hdf", {.through_hdf5 = true});
  for (const int threads : {1, 3}) {
    const Scene fast = read_scene(folder / "S3A.hdf", {.threads = threads});
    EXPECT_TRUE(same_bytes(fast.reflectance, slow.reflectance)) << threads;
    EXPECT_TRUE(same_bytes(fast.brightness_temperature_k, slow.brightness_temperature_k)) << threads;
    EXPECT_TRUE(same_bytes(fast.label, slow.label)) << threads;
  }
}

TEST_P(StoredForm, IsReadAroundTheLibraryWhereItCanBe) {
  const TemporaryFolder folder;
  const fs::path file = folder / "S3A.hdf";
  write_form(file, GetParam());
  const Hdf5Lock lock;
  const Hdf5Handle opened = open_hdf5_file(file);
  const Hdf5Handle dataset(H5Dopen2(opened.get(), "refs", H5P_DEFAULT));
  const std::size_t factor = GetParam().fine ? 2 : 1;
  RasterStorage storage{.file = bytes_of(opened, file),
                        .name = "refs",
                        .height_px = factor * kHeight_px,
                        .width_px = factor * kWidth_px,
                        .channels = 6,
                        .channels_first = GetParam().channels_first,
                        .coding = {},
                        .place = LoadedValues()};
  EXPECT_EQ(locate_values(dataset.get(), storage), GetParam().direct);
}

// One channel, as the rasters of products are.
TEST_P(StoredForm, GivesTheSameRowByRowFromItsPackedNumbers) {
  const TemporaryFolder folder;
  const fs::path file = folder / "plane.nc";
  RawStorage stored = GetParam().storage;
  if (!stored.chunk.empty()) {
    stored.chunk = {std::min(stored.chunk[0], kHeight_px), std::min(stored.chunk[1], kWidth_px)};
  }
  RawHdf5(file, GetParam().user_block_bytes)
      .add("plane", {kHeight_px, kWidth_px}, numbers(kHeight_px * kWidth_px, -100, 100), stored);
  const Hdf5Lock lock;
  const Hdf5Handle opened = open_hdf5_file(file);
  const Raster raster(file, opened.get(), {"plane", 1});
  const RasterValues values = raster.values(bytes_of(opened, file));
  PackedRaster packed(values);
  ReadingRoom room;
  for (std::size_t piece = packed.pieces(); piece-- > 0;) packed.read(piece, room);
  std::vector<float> rows(kHeight_px * kWidth_px);
  for (std::size_t row = 0; row < kHeight_px; ++row) packed.copy_row(row, &rows[row * kWidth_px]);
  EXPECT_TRUE(same_bytes(rows, raster.read()));
}

INSTANTIATE_TEST_SUITE_P(
    All, StoredForm,
    ::testing::Values(
        Form{"Contiguous", {}}, Form{"ContiguousFine", {}, true, false, true},
        Form{"ContiguousChannelsFirst", {}, true, true}, Form{"ContiguousFineChannelsFirst", {}, true, true, true},
        Form{"Chunked", {.chunk = {100, 90, 6}}}, Form{"ChunkedOddly", {.chunk = {37, 19, 4}, .deflate = 2}},
        Form{"Deflated", {.chunk = {50, 45, 6}, .deflate = 4}},
        Form{"Shuffled", {.chunk = {50, 45, 6}, .shuffle = true}},
        Form{"ShuffledAndDeflated", {.chunk = {50, 40, 6}, .deflate = 4, .shuffle = true}},
        Form{"ShuffledAndDeflatedFine", {.chunk = {75, 94, 2}, .deflate = 4, .shuffle = true}, true, false, true},
        Form{"ChunkedChannelsFirst", {.chunk = {4, 75, 40}, .deflate = 1, .shuffle = true}, true, true},
        Form{"OneChunkAChannel", {.chunk = {1, kHeight_px, kWidth_px}, .deflate = 1}, true, true},
        Form{"OneChunk", {.chunk = {kHeight_px, kWidth_px, 6}, .deflate = 1}},
        Form{"Scaled", {.fill_value = 0.5, .has_fill_value = true, .scale_factor = 0.5}},
        Form{"ScaledChunks", {.chunk = {64, 90, 6}, .deflate = 1, .scale_factor = 0.5}},
        Form{"ChecksummedChunks", {.chunk = {50, 45, 6}, .deflate = 4, .fletcher32 = true}, false},
        Form{"Doubles", {.file_type = H5T_IEEE_F64LE}},
        Form{"DoubleChunks", {.chunk = {50, 40, 6}, .deflate = 4, .shuffle = true, .file_type = H5T_IEEE_F64LE}},
        Form{"Shorts", {.file_type = H5T_STD_I16LE, .scale_factor = 0.01}},
        Form{"ShortsChannelsFirst", {.file_type = H5T_STD_I16LE, .scale_factor = 0.01}, true, true},
        Form{"ShortChunks",
             {.chunk = {50, 40, 6},
              .deflate = 4,
              .shuffle = true,
              .file_type = H5T_STD_I16LE,
              .fill_value = -32768,
              .has_fill_value = true,
              .scale_factor = 0.01}},
        Form{"UnsignedShortChunks", {.chunk = {50, 40, 6}, .deflate = 4, .shuffle = true, .file_type = H5T_STD_U16LE}},
        Form{"ByteChunks", {.chunk = {50, 40, 6}, .deflate = 4, .file_type = H5T_STD_U8LE}},
        Form{"SignedByteChunks", {.chunk = {50, 40, 6}, .shuffle = true, .file_type = H5T_STD_I8LE}},
        Form{"LongChunks", {.chunk = {50, 40, 6}, .deflate = 4, .shuffle = true, .file_type = H5T_STD_I32LE}},
        Form{"UnsignedLongs", {.file_type = H5T_STD_U32LE}, false},
        Form{"BigEndian", {.file_type = H5T_IEEE_F32BE}, false},
        Form{"ChunkedBigEndian", {.chunk = {50, 45, 6}, .deflate = 4, .file_type = H5T_IEEE_F32BE}, false},
        Form{"AfterUserBlock", {}, false, false, false, 512},
        Form{"ChunkedAfterUserBlock", {.chunk = {50, 45, 6}}, false, false, false, 512}),
    [](const auto& form) { return std::string(form.param.name); });

std::string bytes_of_floats(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

constexpr hsize_t kSmall_px = 8;
const RawStorage kDeflatedChunks = {.chunk = {4, kSmall_px, 6}, .deflate = 4};

void add_small_bts(RawHdf5& raw) { raw.add("bts", {kSmall_px, kSmall_px, 3}, 280); }

TEST(RasterValues, ChunksThatSkippedAFilterAreTakenAsTheyAre) {
  const TemporaryFolder folder;
  const std::vector<float> values = numbers(4 * kSmall_px * 6, 0, 1);
  {
    RawHdf5 raw(folder / "S3A.hdf");
    add_small_bts(raw);
    raw.add_chunks("refs", {kSmall_px, kSmall_px, 6}, kDeflatedChunks,
                   {{{0, 0, 0}, bytes_of_floats(values), 1}, {{4, 0, 0}, bytes_of_floats(values), 1}});
  }
  const Scene scene = read_scene(folder / "S3A.hdf");
  EXPECT_EQ(scene.reflectance[1], values[1]);
  EXPECT_TRUE(same_bytes(scene.reflectance, read_scene(folder / "S3A.hdf", {.through_hdf5 = true}).reflectance));
}

TEST(RasterValues, ChunksThatWereNeverWrittenHoldTheFillValue) {
  const TemporaryFolder folder;
  {
    RawHdf5 raw(folder / "S3A.hdf");
    add_small_bts(raw);
    raw.add_chunks("refs", {kSmall_px, kSmall_px, 6}, kDeflatedChunks,
                   {{{4, 0, 0}, bytes_of_floats(std::vector<float>(4 * kSmall_px * 6, 0.25F)), 1}});
  }
  const Scene scene = read_scene(folder / "S3A.hdf");
  EXPECT_EQ(scene.reflectance.front(), 0);
  EXPECT_EQ(scene.reflectance.back(), 0.25F);
}

// The bytes of one stored chunk of `rows` rows of ones.
std::string deflated_chunk(const fs::path& file, hsize_t rows) {
  RawHdf5(file).add("ones", {rows, kSmall_px, 6}, 1, {.chunk = {rows, kSmall_px, 6}, .deflate = 4});
  const Hdf5Handle opened(H5Fopen(file.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
  const Hdf5Handle dataset(H5Dopen2(opened.get(), "ones", H5P_DEFAULT));
  const hsize_t first[3] = {0, 0, 0};
  hsize_t size_bytes = 0;
  H5Dget_chunk_storage_size(dataset.get(), first, &size_bytes);
  std::string bytes(size_bytes, '\0');
  unsigned skipped = 0;
  H5Dread_chunk(dataset.get(), H5P_DEFAULT, first, &skipped, bytes.data());
  return bytes;
}

TEST(RasterValues, ChunksThatDoNotInflateToTheirSizeAreRefused) {
  const TemporaryFolder folder;
  const std::string good = deflated_chunk(folder / "good.h5", 4);
  for (const std::string& bad : {deflated_chunk(folder / "long.h5", 4000), deflated_chunk(folder / "short.h5", 3),
                                 good.substr(0, good.size() / 2), std::string(100, 'x')}) {
    {
      RawHdf5 raw(folder / "S3A.hdf");
      add_small_bts(raw);
      raw.add_chunks("refs", {kSmall_px, kSmall_px, 6}, kDeflatedChunks, {{{0, 0, 0}, good}, {{4, 0, 0}, bad}});
    }
    const std::string fault = fault_of([&] { read_scene(folder / "S3A.hdf"); });
    EXPECT_THAT(fault, HasSubstr("S3A.hdf: dataset refs has a damaged chunk at byte"));
    EXPECT_THAT(fault, HasSubstr("get the file again"));
  }
}

// Overwrites a number of `refs`' metadata: `field` bytes from where the address of its values stands.
template <typename Number>
void patch_beside_address(const fs::path& file, bool chunked, std::ptrdiff_t field, Number number) {
  haddr_t address = 0;
  {
    const Hdf5Handle opened(H5Fopen(file.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
    const Hdf5Handle dataset(H5Dopen2(opened.get(), "refs", H5P_DEFAULT));
    address = H5Dget_offset(dataset.get());
    const Hdf5Handle space(H5Dget_space(dataset.get()));
    if (chunked) H5Dget_chunk_info(dataset.get(), space.get(), 0, nullptr, nullptr, &address, nullptr);
  }
  std::string bytes = read_file(file);
  const std::string key(reinterpret_cast<const char*>(&address), sizeof address);
  const auto at = bytes.find(key);
  ASSERT_NE(at, std::string::npos);
  ASSERT_EQ(bytes.find(key, at + 1), std::string::npos) << "the address stands in one place";
  std::memcpy(bytes.data() + static_cast<std::ptrdiff_t>(at) + field, &number, sizeof number);
  write_file_atomically(file, bytes);
}

TEST(RasterValues, ContiguousValuesBeyondTheEndAreRefused) {
  const TemporaryFolder folder;
  const fs::path file = folder / "S3A.hdf";
  write_scene(file, make_tiny_scene(16, 16));
  const std::uint64_t one_too_far = fs::file_size(file) - 6143;
  for (const std::uint64_t offset : {std::uint64_t{1} << 40U, one_too_far, ~std::uint64_t{0} - 5}) {
    write_scene(file, make_tiny_scene(16, 16));
    patch_beside_address(file, false, 0, offset);
    for (const auto& fault : {fault_of([&] { read_scene(file); }), fault_of([&] { inspect_scene(file); })}) {
      EXPECT_THAT(fault, HasSubstr("S3A.hdf: dataset refs has values of 6144 bytes at byte"));
      EXPECT_THAT(fault, HasSubstr("truncated or damaged"));
    }
  }
}

TEST(RasterValues, ChunksLargerThanTheFileAreRefused) {
  const TemporaryFolder folder;
  const fs::path file = folder / "S3A.hdf";
  write_scene(file, make_tiny_scene(16, 16), {}, {.deflate_level = 4});
  // A chunk's key in the file's index: size, filter mask, four offsets; then its address.
  patch_beside_address(file, true, -40, std::uint32_t{0xFFFFFFF0U});
  const std::string fault = fault_of([&] { read_scene(file); });
  EXPECT_THAT(fault, HasSubstr("S3A.hdf: dataset refs has a chunk of 4294967280 bytes at byte"));
  EXPECT_THAT(fault, HasSubstr("truncated or damaged"));
}

TEST(RasterValues, SeveralScenesAreReadAtTheSameTime) {
  const TemporaryFolder folder;
  write_form(folder / "a.hdf", {"", {}});
  write_form(folder / "b.hdf", {"", {.chunk = {50, 45, 6}, .deflate = 4, .shuffle = true}});
  write_form(folder / "c.hdf", {"", {.file_type = H5T_IEEE_F64LE}});
  const std::vector<fs::path> files = {folder / "a.hdf", folder / "b.hdf", folder / "c.hdf"};
  parallel_for(
      24,
      [&](std::size_t i) {
        const Scene scene = read_scene(files[i % 3], {.threads = 2});
        EXPECT_EQ(scene.pixels(), kHeight_px * kWidth_px);
        EXPECT_EQ(scene.reflectance.size(), scene.pixels() * 6);
      },
      4);
}

}  // namespace
}  // namespace cloudmask
