#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <set>
#include <thread>

#include "cloudmask/base/bounded_queue.h"
#include "cloudmask/base/cgroup.h"
#include "cloudmask/base/error.h"
#include "cloudmask/base/interrupt.h"
#include "cloudmask/base/parallel_for.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;

TEST(ParallelFor, EveryIndexIsWorkedOnOnce) {
  std::vector<std::atomic<int>> visits(1000);
  parallel_for(
      visits.size(), [&](std::size_t i) { ++visits[i]; }, 4);
  for (const auto& count : visits) EXPECT_EQ(count, 1);
}

TEST(ParallelFor, NothingToDoCallsNothing) {
  parallel_for(0, [](std::size_t) { FAIL(); });
}

TEST(ParallelFor, FirstExceptionReachesTheCallerAndStopsTheOthers) {
  std::atomic<int> calls{0};
  const auto work = [&](std::size_t i) {
    ++calls;
    if (i == 3) throw Error("scene 3 is broken");
    std::this_thread::yield();
  };
  EXPECT_THROW(parallel_for(100'000'000, work, 3), Error);
  EXPECT_LT(calls, 100'000'000);
}

TEST(ParallelFor, ASignalEndsItAfterTheCallsUnderWay) {
  std::atomic<int> calls{0};
  const auto work = [&](std::size_t i) {
    ++calls;
    if (i == 3) set_interrupt_requested(true);
  };
  EXPECT_THROW(parallel_for(100'000'000, work, 2), Interrupted);
  EXPECT_LT(calls, 100'000'000);
  parallel_for(0, work, 2);  // nothing is left undone
  set_interrupt_requested(false);
}

TEST(AvailableThreads, AffinityCounts) {
  cpu_set_t before;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  int first = 0;
  while (!CPU_ISSET(first, &before)) ++first;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(first, &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  EXPECT_EQ(available_threads(), 1);
  ASSERT_EQ(sched_setaffinity(0, sizeof before, &before), 0);
  EXPECT_GE(available_threads(), 1);
}

class Cgroup : public ::testing::Test {
 protected:
  ~Cgroup() override { fs::remove_all(mount_); }
  void put(const fs::path& file, const std::string& text) const {
    fs::create_directories((mount_ / file).parent_path());
    std::ofstream(mount_ / file) << text << '\n';
  }
  const fs::path mount_ = fs::temp_directory_path() / ("cloudmask_cgroup_test_" + std::to_string(::getpid()));
};

TEST_F(Cgroup, Version2TightestQuotaOnTheWayToTheRootCounts) {
  put("cpu.max", "max 100000");
  put("job/cpu.max", "150000 100000");
  put("job/step/cpu.max", "800000 100000");
  EXPECT_DOUBLE_EQ(cgroup_core_limit("0::/job/step\n", mount_), 1.5);
}

TEST_F(Cgroup, Version1QuotaCounts) {
  put("cpu,cpuacct/job/cpu.cfs_quota_us", "200000");
  put("cpu,cpuacct/job/cpu.cfs_period_us", "100000");
  EXPECT_DOUBLE_EQ(cgroup_core_limit("4:memory:/x\n3:cpu,cpuacct:/job\n", mount_), 2);
}

TEST_F(Cgroup, ContainerSeesItsQuotaAtTheMountsRoot) {
  put("cpu.max", "200000 100000");
  EXPECT_DOUBLE_EQ(cgroup_core_limit("0::/not/visible/here\n", mount_), 2);
}

TEST_F(Cgroup, WithoutQuotaThereIsNoLimit) {
  put("cpu/cpu.cfs_quota_us", "-1");
  put("cpu/cpu.cfs_period_us", "100000");
  EXPECT_TRUE(std::isinf(cgroup_core_limit("1:cpu:/\n0::/\n", mount_)));
  EXPECT_TRUE(std::isinf(cgroup_core_limit("nonsense", mount_)));
}

TEST(BoundedQueue, ValuesArriveInOrderAndClosingDrains) {
  BoundedQueue<int> queue(2);
  std::jthread producer([&] {
    for (int i = 0; i < 100; ++i) queue.push(i);
    queue.close();
  });
  for (int i = 0; i < 100; ++i) EXPECT_EQ(queue.pop(), i);
  EXPECT_EQ(queue.pop(), std::nullopt);
  EXPECT_FALSE(queue.push(1));
}

}  // namespace
}  // namespace cloudmask
