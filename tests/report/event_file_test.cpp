#include "cloudmask/report/event_file.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <protozero/pbf_reader.hpp>

#include "cloudmask/base/files.h"
#include "support/temporary_folder.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;

fs::path only_file(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  EXPECT_EQ(files.size(), 1U);
  return files.front();
}

std::uint64_t number_at(const std::string& bytes, std::size_t at, std::size_t size) {
  std::uint64_t number = 0;
  std::memcpy(&number, bytes.data() + at, size);
  return number;
}

// The events of a TFRecord file: length, its checksum, data, their checksum.
std::vector<std::string> records(const std::string& bytes) {
  const auto masked = [](std::uint32_t crc) { return ((crc >> 15U) | (crc << 17U)) + 0xA282EAD8U; };
  std::vector<std::string> found;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t length = number_at(bytes, at, 8);
    EXPECT_EQ(number_at(bytes, at + 8, 4), masked(crc32c(bytes.substr(at, 8))));
    found.push_back(bytes.substr(at + 12, length));
    EXPECT_EQ(number_at(bytes, at + 12 + length, 4), masked(crc32c(found.back())));
    at += 16 + length;
  }
  return found;
}

TEST(Crc32c, IsThatOfTheStandard) {  // RFC 3720, B.4
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43U);
}

TEST(EventFile, IsAListOfCheckedRecords) {
  const TemporaryFolder folder;
  const EventFile file(folder / "tensorboard");
  file.begin_at(3);
  file.add_scalars(3, {{"loss", 0.25}, {"not_measured", std::nan("")}});
  const std::string bytes = read_file(only_file(folder / "tensorboard"));
  const auto events = records(bytes);
  ASSERT_EQ(events.size(), 3U);
  EXPECT_THAT(events[0], ::testing::HasSubstr("brain.Event:2"));

  protozero::pbf_reader event(events[2]);
  ASSERT_TRUE(event.next(2));
  EXPECT_EQ(event.get_int64(), 3);
  ASSERT_TRUE(event.next(5));
  protozero::pbf_reader summary = event.get_message();
  ASSERT_TRUE(summary.next(1));
  protozero::pbf_reader value = summary.get_message();
  ASSERT_TRUE(value.next(1));
  EXPECT_EQ(value.get_string(), "loss");
  ASSERT_TRUE(value.next(2));
  EXPECT_EQ(value.get_float(), 0.25F);
  EXPECT_FALSE(summary.next());
}

TEST(EventFile, TextsThatAreNotUtf8DoNotSpoilIt) {
  const TemporaryFolder folder;
  const EventFile file(folder.path());
  file.add_image(1, "masks/\xFF", {1, 1, {Rgb{1, 2, 3}}});
  file.add_parameters({{"train_dir", "\xFF"}});
  EXPECT_THAT(read_file(only_file(folder.path())), ::testing::HasSubstr("\xEF\xBF\xBD"));  // instead of the \xFF
  for (const std::string& event : records(read_file(only_file(folder.path())))) {
    EXPECT_THAT(event, ::testing::Not(::testing::HasSubstr("masks/\xFF")));
  }
}

}  // namespace
}  // namespace cloudmask
