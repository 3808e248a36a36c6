#include "cloudmask/remote/target_folder.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>

#include "cloudmask/base/files.h"
#include "cloudmask/remote/partial_file.h"
#include "support/temporary_folder.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class Target : public ::testing::Test {
 protected:
  Target() {
    for (const char* name : {"to", "outside"}) fs::create_directory(folder_ / name);
    std::ofstream(folder_ / "outside/secret") << "secret";
  }

  WantedFile wanted(const std::string& path, std::uint64_t bytes, const std::string& etag = "e1") const {
    return {{.key = path, .bytes = bytes, .etag = etag, .modified_s = 1489403023}, path};
  }

  /// Fetches the content as a run would.
  void put(TargetFolder& target, const std::string& path, const std::string& content) const {
    PartialFile partial(target, wanted(path, content.size()));
    partial.open();
    partial.write(0, content);
    partial.adopt();
  }

  bool nothing_outside_changed() const {
    return read_file(folder_ / "outside/secret") == "secret" &&
           std::distance(fs::directory_iterator(folder_ / "outside"), fs::directory_iterator()) == 1;
  }

  TemporaryFolder folder_;
  const fs::path to_ = folder_ / "to";
};

TEST_F(Target, FilesAppearWholeWithTheirTime) {
  {
    TargetFolder target(to_);
    target.begin_writing();
    put(target, "a/b/c.hdf", "cloud");
    EXPECT_EQ(target.open("a/b/c.hdf")->bytes, 5U);
    EXPECT_EQ(target.open("a/b/c.hdf")->modified_s, 1489403023);
    EXPECT_FALSE(target.open("a/x/y"));
    EXPECT_FALSE(target.open("a/b/d"));
  }
  EXPECT_EQ(read_file(to_ / "a/b/c.hdf"), "cloud");
  EXPECT_FALSE(fs::exists(to_ / ".cloudmask-fetch"));
}

TEST_F(Target, TheFolderItselfMayBeALink) {
  fs::create_directory_symlink("to", folder_ / "link");
  TargetFolder target(folder_ / "link");
  target.begin_writing();
  put(target, "a", "cloud");
  EXPECT_EQ(read_file(to_ / "a"), "cloud");
}

TEST_F(Target, LinksInsideAreNeverFollowed) {
  fs::create_directory_symlink(folder_ / "outside", to_ / "folder");
  fs::create_symlink(folder_ / "outside/secret", to_ / "file");
  fs::create_symlink(folder_ / "outside/new", to_ / "dangling");
  TargetFolder target(to_);
  target.begin_writing();
  EXPECT_THAT(fault_of([&] { target.open("folder/secret"); }), HasSubstr("not followed"));
  EXPECT_THAT(fault_of([&] { target.open("file"); }), HasSubstr("not followed"));
  EXPECT_THAT(fault_of([&] { target.open("dangling"); }), HasSubstr("not followed"));
  EXPECT_THAT(fault_of([&] { put(target, "folder/x", "cloud"); }), HasSubstr("not followed"));
  put(target, "file", "cloud");  // planted after it was looked at: the link goes, its target stays
  EXPECT_FALSE(fs::is_symlink(to_ / "file"));
  EXPECT_TRUE(nothing_outside_changed());
}

TEST_F(Target, ALinkForTheStateFolderOrAPartialFileIsRefused) {
  fs::create_directory_symlink(folder_ / "outside", to_ / ".cloudmask-fetch");
  EXPECT_THAT(fault_of([&] { TargetFolder(to_).begin_writing(); }), HasSubstr("not followed"));
  fs::remove(to_ / ".cloudmask-fetch");

  TargetFolder target(to_);
  target.begin_writing();
  std::string name;
  {
    PartialFile partial(target, wanted("a", 5));
    partial.open();
    partial.write(0, "clo");
    name = fs::directory_iterator(to_ / ".cloudmask-fetch")->path().filename();
  }
  fs::remove(to_ / ".cloudmask-fetch" / name);
  fs::create_symlink(folder_ / "outside/secret", to_ / ".cloudmask-fetch" / name);
  PartialFile partial(target, wanted("a", 5));
  EXPECT_THAT(fault_of([&] { partial.open(); }), HasSubstr("cannot write"));
  EXPECT_TRUE(nothing_outside_changed());
}

TEST_F(Target, WhatIsNoFileIsNamed) {
  fs::create_directory(to_ / "folder");
  ::mkfifo((to_ / "pipe").c_str(), 0600);
  const TargetFolder target(to_);
  EXPECT_THAT(fault_of([&] { target.open("folder"); }), HasSubstr("in the way"));
  EXPECT_THAT(fault_of([&] { target.open("pipe"); }), HasSubstr("in the way"));
}

TEST_F(Target, OneProgramAtATime) {
  TargetFolder first(to_);
  first.begin_writing();
  EXPECT_THAT(fault_of([&] { TargetFolder(to_).begin_writing(); }), HasSubstr("another cloudmask"));
}

class Partial : public Target {
 protected:
  Partial() {
    target_.begin_writing();
    PartialFile partial(target_, wanted("a", 10));
    partial.open();
    partial.write(2, "cloud");
    partial.keep_note();
  }
  std::uint64_t kept_bytes(const WantedFile& file) const { return PartialFile(target_, file).received_bytes(); }
  fs::path note() const {
    for (const auto& entry : fs::directory_iterator(to_ / ".cloudmask-fetch")) {
      if (entry.path().extension() == ".json") return entry.path();
    }
    return {};
  }

  TargetFolder target_{to_};
};

TEST_F(Partial, IsTakenUpAgainOnlyForTheSameObject) {
  EXPECT_EQ(kept_bytes(wanted("a", 10)), 5U);
  EXPECT_EQ(kept_bytes(wanted("a", 10, "e2")), 0U);
  EXPECT_EQ(kept_bytes(wanted("a", 11)), 0U);
  EXPECT_EQ(kept_bytes(wanted("b", 10)), 0U);
}

TEST_F(Partial, GoesOnWhereItWas) {
  PartialFile partial(target_, wanted("a", 10));
  const auto missing = partial.missing();
  ASSERT_EQ(missing.size(), 2U);
  EXPECT_EQ(missing[1].offset, 7U);
  partial.open();
  partial.write(0, "0123456789");
  partial.adopt();
  EXPECT_EQ(read_file(to_ / "a"), "0123456789");
  EXPECT_TRUE(fs::is_empty(to_ / ".cloudmask-fetch"));
}

TEST_F(Partial, ADamagedNoteCountsAsNone) {
  const std::string whole = read_file(note());
  for (const std::string& text :
       {std::string(), whole.substr(0, whole.size() / 2), std::string("[1]"), std::string("null"),
        std::string(R"({"key":"a","etag":"e1","bytes":10,"received":[[0,99]]})"),
        std::string(R"({"key":"a","etag":"e1","bytes":10,"received":[[18446744073709551615,2]]})"),
        std::string(R"({"key":"a","etag":"e1","bytes":10,"received":[[-1,"x"]]})")}) {
    std::ofstream(note()) << text;
    EXPECT_EQ(kept_bytes(wanted("a", 10)), 0U) << text;
  }
}

TEST_F(Partial, ANoteWithoutItsFileOrLongerThanItCountsAsNone) {
  fs::path file = note();
  fs::resize_file(file.replace_extension(), 6);
  EXPECT_EQ(kept_bytes(wanted("a", 10)), 0U);
  fs::remove(file);
  EXPECT_EQ(kept_bytes(wanted("a", 10)), 0U);
}

TEST_F(Partial, SetAsideKeepsWhatCameAndNothingElse) {
  PartialFile begun(target_, wanted("a", 10));
  begun.open();
  begun.restart({.key = "a", .bytes = 3, .etag = "e2"});
  begun.set_aside();
  EXPECT_TRUE(fs::is_empty(to_ / ".cloudmask-fetch"));
}

}  // namespace
}  // namespace cloudmask
