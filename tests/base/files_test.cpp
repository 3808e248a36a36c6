#include "cloudmask/base/files.h"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>

#include "cloudmask/base/error.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

class Files : public ::testing::Test {
 protected:
  Files() { fs::create_directories(folder_); }
  ~Files() override { fs::remove_all(folder_); }

  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  template <typename Action>
  static std::string fault(Action action) {
    try {
      action();
    } catch (const Error& error) {
      return error.what();
    }
    ADD_FAILURE() << "no Error";
    return "";
  }

  const fs::path folder_ = fs::temp_directory_path() / ("cloudmask_files_test_" + std::to_string(::getpid()));
};

TEST_F(Files, HomeIsExpandedOnlyAtTheStart) {
  ::setenv("HOME", "/home/someone", 1);
  EXPECT_EQ(expand_home("~"), "/home/someone");
  EXPECT_EQ(expand_home("~/a/b"), "/home/someone/a/b");
  EXPECT_EQ(expand_home("~other/a"), "~other/a");
  EXPECT_EQ(expand_home("a/~/b"), "a/~/b");
}

TEST_F(Files, UncommittedFileLeavesNothing) {
  const fs::path target = folder_ / "result.h5";
  {
    const AtomicFile file(target);
    EXPECT_EQ(file.temporary_path().parent_path(), folder_);
    EXPECT_TRUE(fs::exists(file.temporary_path()));
    EXPECT_FALSE(fs::exists(target));
  }
  EXPECT_EQ(entries(), 0U);
}

TEST_F(Files, CommitReplacesTheOldContentWhole) {
  const fs::path target = folder_ / "new" / "result.txt";
  write_file_atomically(target, "old and long");
  write_file_atomically(target, "new");
  EXPECT_EQ(read_file(target), "new");
  EXPECT_EQ(std::distance(fs::directory_iterator(target.parent_path()), fs::directory_iterator()), 1);
}

TEST_F(Files, TwoWritersOfOneFileDoNotShareATemporary) {
  const AtomicFile first(folder_ / "a");
  const AtomicFile second(folder_ / "a");
  EXPECT_NE(first.temporary_path(), second.temporary_path());
}

TEST_F(Files, LinkStaysALink) {
  write_file_atomically(folder_ / "target", "old");
  fs::create_symlink("target", folder_ / "link");
  write_file_atomically(folder_ / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_EQ(read_file(folder_ / "target"), "new");
}

TEST_F(Files, LinksInACircleAndLongNamesAreErrorsWithPathAndReason) {
  fs::create_symlink("b", folder_ / "a");
  fs::create_symlink("a", folder_ / "b");
  EXPECT_THAT(fault([&] { write_file_atomically(folder_ / "a", "x"); }),
              AllOf(HasSubstr((folder_ / "a").string()), HasSubstr("symbolic links")));
  const std::string long_name(300, 'x');
  EXPECT_THAT(fault([&] { write_file_atomically(folder_ / long_name, "x"); }),
              AllOf(HasSubstr(long_name), HasSubstr("name too long")));
}

TEST_F(Files, DeviceOrFolderIsNeverReplaced) {
  EXPECT_THAT(fault([] { write_file_atomically("/dev/null", "x"); }), HasSubstr("/dev/null: it is not a regular file"));
  EXPECT_THAT(fault([&] { write_file_atomically(folder_, "x"); }), HasSubstr("Is a directory"));
}

TEST_F(Files, FullDiskIsNamedWithARemedy) {
  EXPECT_THAT(fault([] { append_to_file("/dev/full", "x"); }),
              AllOf(HasSubstr("/dev/full"), HasSubstr("No space left on device"), HasSubstr("free space")));
}

/// While it is there no file grows beyond 1000 bytes, as on a disk that is full.
class SmallFiles {
 public:
  SmallFiles() : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &limit_);
    const rlimit small{.rlim_cur = 1000, .rlim_max = limit_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  ~SmallFiles() {
    ::setrlimit(RLIMIT_FSIZE, &limit_);
    std::signal(SIGXFSZ, handler_);
  }
  SmallFiles(const SmallFiles&) = delete;
  SmallFiles& operator=(const SmallFiles&) = delete;

 private:
  void (*handler_)(int);
  rlimit limit_{};
};

TEST_F(Files, FailedWriteKeepsTheOldContent) {
  const fs::path target = folder_ / "result.txt";
  write_file_atomically(target, "old");
  std::string message;
  {
    const SmallFiles limited;
    message = fault([&] { write_file_atomically(target, std::string(5000, 'x')); });
  }
  EXPECT_THAT(message, AllOf(HasSubstr(target.string()), HasSubstr("File too large")));
  EXPECT_EQ(read_file(target), "old");
  EXPECT_EQ(entries(), 1U);
}

TEST_F(Files, WhatCannotBeAppendedWholeIsNotAppended) {
  const fs::path log = folder_ / "log.txt";
  append_to_file(log, "old\n");
  std::string message;
  {
    const SmallFiles limited;
    message = fault([&] { append_to_file(log, std::string(5000, 'x')); });
  }
  EXPECT_THAT(message, HasSubstr("File too large"));
  EXPECT_EQ(read_file(log), "old\n");
}

TEST_F(Files, AppendedLinesFollowEachOther) {
  const fs::path log = folder_ / "logs" / "log.txt";
  append_to_file(log, "one\n");
  append_to_file(log, "two\n");
  EXPECT_EQ(read_file(log), "one\ntwo\n");
}

TEST_F(Files, UnreadableFileIsNamedWithTheReason) {
  EXPECT_THAT(fault([&] { read_file(folder_ / "absent"); }), AllOf(HasSubstr("absent"), HasSubstr("No such file")));
  EXPECT_THAT(fault([&] { read_file(folder_); }), HasSubstr("Is a directory"));
}

TEST_F(Files, WritableFolderIsMadeAndLeftEmpty) {
  require_writable_folder(folder_ / "a" / "b");
  EXPECT_TRUE(fs::is_empty(folder_ / "a" / "b"));
}

TEST_F(Files, FolderUnderAFileIsRefused) {
  std::ofstream(folder_ / "file") << "x";
  EXPECT_THAT(fault([&] { make_folder(folder_ / "file" / "sub"); }), HasSubstr("Not a directory"));
  EXPECT_THAT(fault([&] { make_folder(folder_ / "file"); }), HasSubstr("Not a directory"));
  EXPECT_THAT(fault([] { require_writable_folder("/proc/cloudmask"); }), HasSubstr("/proc/cloudmask"));
}

}  // namespace
}  // namespace cloudmask
