#include "cloudmask/training/adam.h"

#include <gtest/gtest.h>

#include <cmath>

namespace cloudmask {
namespace {

void set_gradient(torch::Tensor& parameter, double gradient) {
  parameter.mutable_grad() = torch::full_like(parameter, gradient);
}

// Keras 3's Adam.update_step, written out for one number.
struct KerasAdam {
  double m = 0;
  double v = 0;
  int t = 0;
  double update(double gradient, double learning_rate) {
    ++t;
    m += (gradient - m) * (1 - 0.9);
    v += (gradient * gradient - v) * (1 - 0.999);
    const double alpha = learning_rate * std::sqrt(1 - std::pow(0.999, t)) / (1 - std::pow(0.9, t));
    return -alpha * m / (std::sqrt(v) + 1e-7);
  }
};

TEST(Adam, EqualsKerasAlsoWhereEpsilonMatters) {
  for (const double gradient : {1.0, 1e-6, 1e-8}) {
    auto parameter = torch::zeros({3}, torch::requires_grad());
    Adam adam({parameter}, 0);
    KerasAdam keras;
    double expected = 0;
    for (int step = 0; step < 5; ++step) {
      const double g = step % 2 == 0 ? gradient : -0.3 * gradient;
      set_gradient(parameter, g);
      adam.step(0.01);
      expected += keras.update(g, 0.01);
      EXPECT_NEAR(parameter[1].item<double>(), expected, 1e-5 * std::abs(expected) + 1e-12) << gradient << " " << step;
    }
  }
}

TEST(Adam, WeightDecayIsDecoupledFromTheGradient) {
  auto parameter = torch::ones({1}, torch::requires_grad());
  Adam adam({parameter}, 0.1);
  set_gradient(parameter, 0);
  adam.step(0.5);
  EXPECT_NEAR(parameter.item<double>(), 1 - 0.5 * 0.1, 1e-6);
}

TEST(Adam, ASkippedUpdateChangesNothingAndIsNoStep) {
  auto parameter = torch::ones({2}, torch::requires_grad());
  Adam adam({parameter}, 0.1);
  set_gradient(parameter, std::nan(""));
  adam.set_rates(0.5);
  adam.update(torch::tensor(0.0F), torch::tensor(1.0F));
  EXPECT_TRUE(torch::equal(parameter, torch::ones({2})));
  EXPECT_TRUE(torch::equal(adam.state().variance[0], torch::zeros({2})));
  EXPECT_FALSE(parameter.grad().defined());
  EXPECT_EQ(adam.state().steps, 0);
}

TEST(Adam, GoesOnFromItsState) {
  const auto run = [](bool through_state) {
    auto parameter = torch::zeros({2}, torch::requires_grad());
    Adam first({parameter}, 0);
    set_gradient(parameter, 0.3);
    first.step(0.01);
    Adam second({parameter}, 0);
    second.load_state(first.state());
    set_gradient(parameter, -0.2);
    (through_state ? second : first).step(0.01);
    return parameter.detach().clone();
  };
  EXPECT_TRUE(torch::equal(run(true), run(false)));
}

}  // namespace
}  // namespace cloudmask
