#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

#include "cloudmask/parallel/communicator.h"
#include "cloudmask/parallel/self_launch.h"
#include "support/temporary_folder.h"

namespace cloudmask {
namespace {

// What launchers set, and nothing of whatever started this test.
class LauncherTest : public ::testing::Test {
 protected:
  LauncherTest() {
    for (const char* name : kNames) {
      if (const char* value = std::getenv(name)) before_[name] = value;
      unsetenv(name);
    }
  }
  ~LauncherTest() override {
    for (const char* name : kNames) unsetenv(name);
    for (const auto& [name, value] : before_) setenv(name.c_str(), value.c_str(), 1);
  }

  static constexpr const char* kNames[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE",  "SLURM_STEP_ID",
                                           "SLURM_STEP_NUM_TASKS", "PMIX_RANK", "PATH"};
  std::map<std::string, std::string> before_;
};

TEST_F(LauncherTest, AProcessAloneHasNone) {
  EXPECT_FALSE(started_by_launcher());
  EXPECT_EQ(join_ranks()->size(), 1);
}

TEST_F(LauncherTest, OneProcessOfMpirunIsNotStartedAgain) {
  setenv("OMPI_COMM_WORLD_SIZE", "1", 1);
  EXPECT_TRUE(started_by_launcher());
  EXPECT_EQ(join_ranks()->size(), 1);
}

TEST_F(LauncherTest, AShellThatSrunOpenedIsNoLauncher) {
  setenv("SLURM_STEP_ID", "0", 1);
  setenv("SLURM_STEP_NUM_TASKS", "1", 1);
  EXPECT_FALSE(started_by_launcher());
  setenv("SLURM_STEP_NUM_TASKS", "4", 1);
  EXPECT_TRUE(started_by_launcher());
}

TEST_F(LauncherTest, MpirunIsLookedForInThePath) {
  EXPECT_FALSE(can_launch_ranks());
  const TemporaryFolder folder;
  setenv("PATH", ("/nowhere:" + folder.path().string()).c_str(), 1);
  EXPECT_FALSE(can_launch_ranks());
  std::filesystem::create_symlink("/bin/true", folder / "mpirun");
  EXPECT_TRUE(can_launch_ranks());
}

}  // namespace
}  // namespace cloudmask
