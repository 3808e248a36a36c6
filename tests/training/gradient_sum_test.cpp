#include "cloudmask/training/gradient_sum.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <span>
#include <thread>

#include "cloudmask/base/error.h"
#include "cloudmask/tensor/machine.h"

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
  GradientSum(parameters, alone, GradientPrecision::kFp32).finish();
  EXPECT_TRUE(torch::equal(parameters[0].grad(), torch::full({2, 3}, 3.0)));
}

// One of two ranks; the other one is slow, and MPI's thread goes on whether anybody holds the future or not.
class WithSlowRank final : public SingleProcess {
 public:
  ~WithSlowRank() override {
    for (std::thread& thread : threads_) thread.join();
  }
  int size() const override { return 2; }
  std::future<void> start_sum(std::span<float> values, GradientPrecision) override {
    std::packaged_task<void()> sum([this, values] {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      for (float& value : values) value *= 2;
      ++sums_done;
    });
    auto done = sum.get_future();
    threads_.emplace_back(std::move(sum));
    return done;
  }
  std::atomic<int> sums_done = 0;

 private:
  std::vector<std::thread> threads_;
};

TEST(GradientSum, BuffersOutliveTheSumsUnderWayWhenBackwardThrows) {
  const auto first = torch::ones({1000}, torch::requires_grad());
  const auto second = torch::ones({1000}, torch::requires_grad());
  WithSlowRank ranks;
  const auto step = [&] {
    GradientSum sum({first, second}, ranks, GradientPrecision::kFp32, /*bucket_bytes=*/1);
    const auto from_first = 2 * first;
    from_first.register_hook([](const torch::Tensor&) -> torch::Tensor { throw Error("out of memory"); });
    (from_first.sum() + second.sum()).backward();  // the second one's gradient comes first
  };
  EXPECT_ANY_THROW(step());
  EXPECT_EQ(ranks.sums_done, 1);
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
