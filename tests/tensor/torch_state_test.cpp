#include "cloudmask/tensor/torch_state.h"

#include <gtest/gtest.h>

#include <latch>
#include <thread>

#include "cloudmask/tensor/device.h"

namespace cloudmask {
namespace {

int threads_of_a_new_thread() {
  int number = 0;
  std::thread([&] { number = torch::get_num_threads(); }).join();
  return number;
}

TEST(TorchState, NumberOfThreadsIsPutBackHereAndForThreadsToCome) {
  torch::set_num_threads(3);
  {
    const KeptThreadNumber kept;
    torch::set_num_threads(1);
    EXPECT_EQ(threads_of_a_new_thread(), 1);
  }
  EXPECT_EQ(torch::get_num_threads(), 3);
  EXPECT_EQ(threads_of_a_new_thread(), 3);
}

TEST(TorchState, TheLastOfSeveralRestoresWhatTheFirstFound) {
  torch::set_num_threads(3);
  std::latch second_has_begun(1);
  std::latch first_has_gone(1);
  std::thread second;
  {
    const KeptThreadNumber kept;
    torch::set_num_threads(1);
    second = std::thread([&] {
      const KeptThreadNumber kept_too;  // finds the 1 of the other
      second_has_begun.count_down();
      first_has_gone.wait();
    });
    second_has_begun.wait();
  }
  first_has_gone.count_down();
  second.join();
  EXPECT_EQ(threads_of_a_new_thread(), 3);
}

TEST(TorchState, RandomNumbersAreTheFirstOnesAfterTheLastOfSeveral) {
  torch::manual_seed(5);
  const auto wanted = torch::rand({4});
  torch::manual_seed(5);
  auto first = std::make_unique<KeptRandomState>();
  torch::rand({4});
  auto second = std::make_unique<KeptRandomState>();
  seed_torch(7, true);
  first.reset();
  EXPECT_TRUE(torch::globalContext().deterministicAlgorithms());  // the second is still at work
  second.reset();
  EXPECT_FALSE(torch::globalContext().deterministicAlgorithms());
  EXPECT_TRUE(torch::equal(torch::rand({4}), wanted));
}

TEST(TorchState, RandomNumbersAndDeterminismArePutBack) {
  torch::manual_seed(5);
  const auto wanted = torch::rand({4});
  torch::manual_seed(5);
  torch::globalContext().setDeterministicAlgorithms(false, false);
  {
    const KeptRandomState kept;
    seed_torch(7, true);
    torch::rand({4});
  }
  EXPECT_TRUE(torch::equal(torch::rand({4}), wanted));
  EXPECT_FALSE(torch::globalContext().deterministicAlgorithms());
}

}  // namespace
}  // namespace cloudmask
