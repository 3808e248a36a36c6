#include "cloudmask/tensor/device.h"

#include <gtest/gtest.h>

#include "cloudmask/base/error.h"
#include "cloudmask/base/parallel_for.h"
#include "cloudmask/tensor/recorded_work.h"

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

TEST(Device, PeakMemoryIsThatOfTheGpu_CUDA) {
  EXPECT_EQ(peak_device_memory_bytes(torch::kCPU), 0);
  if (!torch::cuda::is_available()) GTEST_SKIP() << "no GPU";
  torch::empty({std::int64_t{1} << 28}, torch::device(torch::kCUDA).dtype(torch::kByte));
  EXPECT_GE(peak_device_memory_bytes({torch::kCUDA, 0}), std::int64_t{1} << 28);
}

TEST(RecordedWork, IsDoneEachTime_CUDA) {
  for (const torch::Device device : {torch::Device(torch::kCPU), torch::Device(torch::kCUDA, 0)}) {
    if (device.is_cuda() && !torch::cuda::is_available()) GTEST_SKIP() << "no GPU";
    const auto input = torch::zeros({4}, device);
    const auto sum = torch::zeros({}, device);
    RecordedWork work(device, [&] { sum.add_((2 * input).sum()); });
    for (int i = 1; i <= 6; ++i) {
      input.fill_(i);
      work.run();
    }
    EXPECT_EQ(sum.item<float>(), 2 * 4 * (1 + 2 + 3 + 4 + 5 + 6)) << device;
    EXPECT_EQ(work.recorded(), device.is_cuda() && RecordedWork::built_in());
  }
}

// As when memory runs out: within the recording, and so that the recording becomes invalid.
TEST(RecordedWork, ThatCannotBeRecordedIsDoneWithout_CUDA) {
  if (!torch::cuda::is_available()) GTEST_SKIP() << "no GPU";
  const torch::Device gpu(torch::kCUDA, 0);
  for (const bool wait_within : {false, true}) {
    const auto sum = torch::zeros({}, gpu);
    int runs = 0;
    RecordedWork work(gpu, [&] {
      const auto taken = torch::ones({1 << 20}, gpu);
      if (++runs == 4) {  // after three to warm up
        if (wait_within) taken.sum().item<float>();
        throw std::runtime_error("out of memory");
      }
      sum.add_(taken.sum());
    });
    for (int i = 0; i < 6; ++i) work.run();
    EXPECT_EQ(sum.item<float>(), 6.0F * (1 << 20));
    EXPECT_FALSE(work.recorded());
    EXPECT_EQ((torch::ones({100}, gpu) * 2).sum().item<float>(), 200);
  }
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
