#include "cloudmask/parallel/gradient_sum.h"

#include <gtest/gtest.h>

#include "cloudmask/parallel/machine.h"

namespace cloudmask {
namespace {

// Stands in for two ranks that hold the same gradients.
class TwoEqualRanks final : public Communicator {
 public:
  int rank() const override { return 0; }
  int size() const override { return 2; }
  void all_reduce_sum(std::span<float> values) override {
    for (float& value : values) value *= 2;
  }
  void all_reduce_sum(std::span<double> values) override {
    for (double& value : values) value *= 2;
  }
};

std::vector<torch::Tensor> parameters_with_gradients() {
  const auto first = torch::ones({2, 3}, torch::requires_grad());
  const auto second = torch::ones({4}, torch::requires_grad());
  (3 * first.sum() + 5 * second.sum()).backward();
  return {first, second};
}

TEST(GradientSum, EveryGradientBecomesTheSumOverRanks) {
  const auto parameters = parameters_with_gradients();
  TwoEqualRanks ranks;
  sum_gradients(parameters, ranks);
  EXPECT_TRUE(torch::equal(parameters[0].grad(), torch::full({2, 3}, 6.0)));
  EXPECT_TRUE(torch::equal(parameters[1].grad(), torch::full({4}, 10.0)));
}

TEST(GradientSum, OneProcessKeepsItsGradients) {
  const auto parameters = parameters_with_gradients();
  SingleProcess alone;
  sum_gradients(parameters, alone);
  EXPECT_TRUE(torch::equal(parameters[0].grad(), torch::full({2, 3}, 3.0)));
}

TEST(Machine, TellsWhatIsMeasuredNotWhatIsConfigured) {
  MachineOptions options;
  options.device = "cpu";
  options.threads = 2;
  options.accelerators_per_node = 16;
  const MachineRecord machine = describe_machine(choose_target(options), 3);
  EXPECT_EQ(machine.device, "cpu");
  EXPECT_EQ(machine.threads, 2);
  EXPECT_EQ(machine.ranks, 3);
  EXPECT_EQ(machine.accelerators_per_node, 0);
  EXPECT_FALSE(machine.cpu.empty());
}

}  // namespace
}  // namespace cloudmask
