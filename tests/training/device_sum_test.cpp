#include "cloudmask/training/device_sum.h"

#include <gtest/gtest.h>

namespace cloudmask {
namespace {

TEST(DeviceSum, TensorsOnTheCpuAreLeftToTheCommunicator) {
  SingleProcess alone;
  EXPECT_EQ(make_device_sum(torch::kCPU, alone), nullptr);
}

TEST(DeviceSum, IsDoneWithoutWhereNcclCannotStart) {
  if (torch::cuda::is_available()) GTEST_SKIP() << "it can";
  SingleProcess alone;
  EXPECT_EQ(make_device_sum({torch::kCUDA, 0}, alone), nullptr);
}

TEST(DeviceSum, OfOneRankIsWhatItHas_CUDA) {
  if (!torch::cuda::is_available()) GTEST_SKIP() << "no GPU";
  SingleProcess alone;
  const torch::Device gpu(torch::kCUDA, 0);
  if (!built_with_nccl()) GTEST_SKIP() << "built without NCCL";
  const auto sum = make_device_sum(gpu, alone);
  ASSERT_NE(sum, nullptr);
  const auto values = torch::arange(100000, torch::kFloat32).to(gpu);
  sum->start(values);
  sum->finish();
  EXPECT_TRUE(torch::equal(values.cpu(), torch::arange(100000, torch::kFloat32)));
}

}  // namespace
}  // namespace cloudmask
