#include "cloudmask/parallel/gradient_sum.h"

#include <gtest/gtest.h>

#include "cloudmask/parallel/machine.h"

namespace cloudmask {
namespace {

std::vector<torch::Tensor> parameters_with_gradients() {
  const auto first = torch::ones({2, 3}, torch::requires_grad());
  const auto second = torch::ones({4}, torch::requires_grad());
  (3 * first.sum() + 5 * second.sum()).backward();
  return {first, second};
}

// Several ranks: tests/ranks.
TEST(GradientSum, OneProcessKeepsItsGradients) {
  const auto parameters = parameters_with_gradients();
  SingleProcess alone;
  GradientSum(parameters, alone).finish();
  EXPECT_TRUE(torch::equal(parameters[0].grad(), torch::full({2, 3}, 3.0)));
}

TEST(Machine, TellsWhatIsMeasuredNotWhatIsConfigured) {
  MachineOptions options;
  options.device = "cpu";
  options.threads = 2;
  options.accelerators_per_node = 16;
  const MachineRecord machine = describe_machine(choose_target(options), SingleProcess());
  EXPECT_EQ(machine.device, "cpu");
  EXPECT_EQ(machine.threads, 2);
  EXPECT_EQ(machine.ranks, 1);
  EXPECT_EQ(machine.accelerators_per_node, 0);
  EXPECT_FALSE(machine.cpu.empty());
}

}  // namespace
}  // namespace cloudmask
