#include "cloudmask/tensor/device.h"

#include <gtest/gtest.h>

#include "cloudmask/base/error.h"
#include "cloudmask/base/parallel_for.h"

namespace cloudmask {
namespace {

TEST(Device, CpuIsTakenWhenAskedFor) {
  MachineOptions options;
  options.device = "cpu";
  options.threads = 1;
  const ComputeTarget target = choose_target(options);
  EXPECT_TRUE(target.device.is_cpu());
  EXPECT_EQ(target.threads, 1);
  EXPECT_EQ(torch::get_num_threads(), 1);
}

TEST(Device, MoreThreadsThanCoresWorkAndAreMentionedOnce) {
  MachineOptions options;
  options.device = "cpu";
  options.threads = 4 * available_threads();
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(choose_target(options).threads, options.threads);
  choose_target(options);
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("threads: "), std::string::npos);
  EXPECT_EQ(said.find("threads: "), said.rfind("warning: ") + 9) << said;
  options.threads = 1;
  choose_target(options);
}

TEST(Device, AutomaticPrecisionIsWhatTheProcessorHas) {
  MachineOptions options;
  options.device = "cpu";
  EXPECT_EQ(choose_target(options).precision, cpu_has_bf16() ? Precision::kBf16 : Precision::kFp32);
  options.precision = Precision::kFp32;
  EXPECT_EQ(compute_type(choose_target(options)), torch::kFloat32);
}

TEST(Device, MemoryOfAGpuIsItsOwn_CUDA) {
  if (!torch::cuda::is_available()) GTEST_SKIP() << "no GPU";
  const std::int64_t before = free_memory_bytes({torch::kCUDA, 0});
  const auto taken = torch::empty({std::int64_t{1} << 30}, torch::device(torch::kCUDA).dtype(torch::kByte));
  EXPECT_LE(free_memory_bytes({torch::kCUDA, 0}), before - (std::int64_t{1} << 29));
}

TEST(Device, AbsentGpuIsRefusedByName) {
  MachineOptions options;
  options.device = "cuda:99";
  EXPECT_THROW(choose_target(options), UsageError);
  options.device = "cuda:x";
  EXPECT_THROW(choose_target(options), UsageError);
  options.device = "gpu";
  EXPECT_THROW(choose_target(options), UsageError);
}

TEST(Device, SameSeedGivesSameNumbers) {
  seed_torch(7, true);
  const auto first = torch::rand({8});
  seed_torch(7, true);
  EXPECT_TRUE(torch::equal(first, torch::rand({8})));
  seed_torch(8, false);
  EXPECT_FALSE(torch::equal(first, torch::rand({8})));
}

}  // namespace
}  // namespace cloudmask
