#include "cloudmask/tensor/part_timer.h"

#include <gtest/gtest.h>

#include <thread>

namespace cloudmask {
namespace {

void work_for_2_ms() { std::this_thread::sleep_for(std::chrono::milliseconds(2)); }

const TimedPart* find(const std::vector<TimedPart>& parts, const std::string& name) {
  for (const TimedPart& part : parts) {
    if (part.name == name) return &part;
  }
  return nullptr;
}

TEST(PartTimer, SumsPartsByNameAndCountsTheirArithmetic) {
  const PartTimer timer;
  for (int i = 0; i < 3; ++i) {
    const PartScope part([] { return std::string("convolution"); }, 5.0);
    work_for_2_ms();
  }
  const auto parts = timer.parts();
  const TimedPart* part = find(parts, "convolution");
  ASSERT_NE(part, nullptr);
  EXPECT_EQ(part->calls, 3);
  EXPECT_EQ(part->flop, 15.0);
  EXPECT_GE(part->time_s, 0.006);
}

TEST(PartTimer, OperationsInsideAPartBelongToIt) {
  const PartTimer timer;
  {
    const PartScope part([] { return std::string("outer"); }, 0);
    torch::ones({4}).add_(1);
  }
  torch::ones({4}).mul_(2);
  const auto parts = timer.parts();
  EXPECT_EQ(find(parts, "aten::add_"), nullptr);
  EXPECT_NE(find(parts, "aten::mul_"), nullptr);
}

TEST(PartTimer, BackwardPassesShowTheirParts) {
  auto x = torch::ones({4}).requires_grad_();
  auto y = x.exp().sum();
  const PartTimer timer;
  y.backward();
  const auto parts = timer.parts();
  EXPECT_NE(find(parts, "aten::mul"), nullptr);
  for (const TimedPart& part : parts) EXPECT_EQ(part.name.rfind("aten::", 0), 0U) << part.name;
}

TEST(PartTimer, PartsBeforeAndAfterItAreNotNoted) {
  const auto part = [] { const PartScope scope([] { return std::string("part"); }, 1.0); };
  part();
  {
    const PartTimer timer;
    EXPECT_TRUE(timer.parts().empty());
  }
  part();
}

}  // namespace
}  // namespace cloudmask
