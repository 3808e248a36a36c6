#include "cloudmask/remote/object_key.h"

#include <gmock/gmock.h>

#include "support/temporary_folder.h"

namespace cloudmask {
namespace {

using ::testing::HasSubstr;

TEST(ObjectKey, PathIsWhatFollowsTheLastSlashOfThePrefix) {
  EXPECT_EQ(path_of_key("en/one-day/S3A.hdf", "en/one-day/"), "S3A.hdf");
  EXPECT_EQ(path_of_key("en/one-day/a/S3A.hdf", "en/one-day/"), "a/S3A.hdf");
  EXPECT_EQ(path_of_key("en/one-day/S3A.hdf", "en/one-d"), "one-day/S3A.hdf");
  EXPECT_EQ(path_of_key("S3A.hdf", ""), "S3A.hdf");
  EXPECT_EQ(path_of_key("a b+\xC3\xBC \xE2\x82\xAC \xF0\x9F\x8C\xA5", ""),
            "a b+\xC3\xBC \xE2\x82\xAC \xF0\x9F\x8C\xA5");
  EXPECT_EQ(path_of_key("..a/...", ""), "..a/...");
}

struct Hostile {
  std::string key;
  std::string reason;
};

class HostileKey : public ::testing::TestWithParam<Hostile> {};

TEST_P(HostileKey, IsRefusedWithItsReason) {
  EXPECT_THAT(fault_of([] { path_of_key("en/" + GetParam().key, "en/"); }), HasSubstr(GetParam().reason));
}

INSTANTIATE_TEST_SUITE_P(
    All, HostileKey,
    ::testing::Values(Hostile{"../outside", "'..'"}, Hostile{"a/../../outside", "'..'"}, Hostile{"..", "'..'"},
                      Hostile{"/etc/passwd", "empty"}, Hostile{"a//b", "empty"}, Hostile{"a/", "empty"},
                      Hostile{"", "empty"}, Hostile{"./a", "'.'"}, Hostile{"a/.", "'.'"},
                      Hostile{"a\\..\\b", "backslash"}, Hostile{"a\nb", "control"}, Hostile{"a\x1b[2Jb", "control"},
                      Hostile{std::string("a\0b", 3), "control"}, Hostile{"a\x7f", "control"},
                      Hostile{"a\xC2\x9B"
                              "31m",
                              "control"},
                      Hostile{"a\xff", "UTF-8"}, Hostile{"a\xC0\xAF", "UTF-8"}, Hostile{"\xED\xA0\x80", "UTF-8"},
                      Hostile{"\xE2\x82", "UTF-8"}, Hostile{std::string(256, 'x'), "255"},
                      Hostile{std::string(1100, 'x'), "1024"}, Hostile{".cloudmask-fetch", "unfinished"},
                      Hostile{".cloudmask-fetch/x", "unfinished"}));

TEST(ObjectKey, OutsideThePrefixIsRefused) {
  EXPECT_THAT(fault_of([] { path_of_key("other/S3A.hdf", "en/"); }), HasSubstr("prefix"));
}

TEST(ObjectKey, FolderMarkersAreEmptyAndEndInASlash) {
  EXPECT_TRUE(is_folder_marker("en/one-day/", 0));
  EXPECT_FALSE(is_folder_marker("en/one-day/", 1));
  EXPECT_FALSE(is_folder_marker("en/one-day", 0));
}

TEST(ObjectKey, PrintableKeepsTextAndEscapesTheRest) {
  EXPECT_EQ(printable("S3A \xC3\xBC.hdf"), "S3A \xC3\xBC.hdf");
  EXPECT_EQ(printable("a\x1b[2J\n\xff"), "a\\x1b[2J\\x0a\\xff");
}

}  // namespace
}  // namespace cloudmask
