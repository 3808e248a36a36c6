#include "cloudmask/tensor/cpu_allocator.h"

#include <c10/core/CPUAllocator.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cstdint>
#include <new>
#include <thread>

namespace cloudmask {
namespace {

constexpr std::int64_t kMiB = std::int64_t{1} << 20;

MachineOptions caching(bool wanted) {
  MachineOptions options;
  options.caching_allocator = wanted;
  return options;
}

// It stays for the process, so these tests run in any order, together or alone.
class CpuAllocator : public ::testing::Test {
 protected:
  CpuAllocator() {
    install_cpu_allocator(caching(true));
    release_cached_memory();
  }
};

TEST(CpuAllocatorSwitch, SwitchedOffLeavesTheAllocatorInPlace) {
  c10::Allocator* const before = c10::GetCPUAllocator();
  const MemoryStatistics statistics = cpu_memory_statistics();
  install_cpu_allocator(caching(false));
  EXPECT_EQ(c10::GetCPUAllocator(), before);
  const auto tensor = torch::ones({8 * kMiB});
  if (before == c10::GetDefaultCPUAllocator()) {
    EXPECT_EQ(cpu_memory_statistics().mappings, statistics.mappings);
    release_cached_memory();
  }
  EXPECT_EQ(tensor.sum().item<double>(), 8 * kMiB);
}

TEST(CpuAllocatorSwitch, TensorsFromBeforeAreFreedAsTheyWereMade) {
  auto before = torch::ones({4 * kMiB});
  void* const raw = c10::GetCPUAllocator()->raw_allocate(8192);
  install_cpu_allocator(caching(true));
  EXPECT_NE(c10::GetCPUAllocator(), c10::GetDefaultCPUAllocator());
  before = torch::Tensor();
  c10::GetCPUAllocator()->raw_deallocate(raw);  // LibTorch does so with blocks of its convolutions
}

TEST_F(CpuAllocator, SecondInstallationChangesNothing) {
  c10::Allocator* const first = c10::GetCPUAllocator();
  install_cpu_allocator(caching(true));
  EXPECT_EQ(c10::GetCPUAllocator(), first);
}

TEST_F(CpuAllocator, TrainingStepsAfterTheFirstMapNothing) {
  const auto weight = torch::randn({32, 8, 3, 3}).requires_grad_();
  const auto step = [&] {
    const auto input = torch::randn({4, 8, 128, 128});
    torch::max_pool2d(torch::conv2d(input, weight, {}, 1, 1).relu(), 2).square().mean().backward();
    weight.mutable_grad() = torch::Tensor();
  };
  step();
  const MemoryStatistics first = cpu_memory_statistics();
  EXPECT_GT(first.held_bytes, 0U);
  for (int i = 0; i < 4; ++i) step();
  EXPECT_EQ(cpu_memory_statistics().mappings, first.mappings);
  EXPECT_EQ(cpu_memory_statistics().held_bytes, first.held_bytes);
}

TEST_F(CpuAllocator, FreedMemoryIsKeptUntilAsked) {
  const std::size_t before = cpu_memory_statistics().held_bytes;
  auto tensor = torch::ones({64 * kMiB}, torch::kUInt8);
  EXPECT_GE(cpu_memory_statistics().in_use_bytes, static_cast<std::size_t>(64 * kMiB));
  tensor = torch::Tensor();
  EXPECT_GT(cpu_memory_statistics().held_bytes, before);
  release_cached_memory();
  EXPECT_EQ(cpu_memory_statistics().held_bytes, before);
}

TEST_F(CpuAllocator, BlocksOfAllSizesAreAlignedForVectors) {
  for (const std::int64_t bytes :
       {std::int64_t{1}, std::int64_t{63}, std::int64_t{4096}, kMiB / 16 - 1, kMiB / 16, 3 * kMiB + 7}) {
    const auto block = c10::GetCPUAllocator()->allocate(static_cast<std::size_t>(bytes));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block.get()) % 64, 0U) << bytes;
  }
}

TEST_F(CpuAllocator, EmptyTensorsAreFine) {
  EXPECT_EQ(torch::empty({0}).numel(), 0);
  EXPECT_EQ(torch::cat({torch::empty({0}), torch::ones({2})}).numel(), 2);
  EXPECT_FALSE(c10::GetCPUAllocator()->allocate(0));
}

TEST_F(CpuAllocator, RefusedTensorIsBadAllocAndTheNextOneWorks) {
  EXPECT_THROW(torch::empty({std::int64_t{1} << 50}), std::bad_alloc);
  EXPECT_EQ(torch::ones({2 * kMiB}).sum().item<double>(), 2 * kMiB);
}

TEST_F(CpuAllocator, ClonesAndResizesKeepContents) {
  const auto tensor = torch::arange(kMiB);
  EXPECT_TRUE(torch::equal(tensor.clone(), tensor));
  auto grown = tensor.clone().resize_({2 * kMiB});
  EXPECT_TRUE(torch::equal(grown.slice(0, 0, kMiB), tensor));
}

TEST_F(CpuAllocator, TensorsMayBeFreedByOtherThreads) {
  const std::size_t before = cpu_memory_statistics().in_use_bytes;
  for (int i = 0; i < 20; ++i) {
    auto tensor = torch::full({kMiB}, i);
    std::jthread([moved = std::move(tensor), i]() mutable {
      EXPECT_EQ(moved[0].item<int>(), i);
      moved = torch::Tensor();
    });
  }
  EXPECT_EQ(cpu_memory_statistics().in_use_bytes, before);
}

}  // namespace
}  // namespace cloudmask
