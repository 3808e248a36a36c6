#include "cloudmask/base/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "baseline/numpy_baseline.h"

namespace cloudmask {
namespace {

TEST(NumpyRandom, PermutationsEqualNumpys) {
  for (const auto& expected : numpy_baseline::kPermutations) {
    NumpyRandom random(expected.seed);
    EXPECT_EQ(random.permutation(static_cast<std::int64_t>(expected.values.size())), expected.values);
  }
}

TEST(NumpyRandom, LongPermutationsEqualNumpys) {
  for (const auto& expected : numpy_baseline::kLongPermutations) {
    const std::vector<std::int64_t> values = NumpyRandom(expected.seed).permutation(expected.size);
    std::int64_t checksum = 0;
    for (std::size_t i = 0; i < values.size(); ++i) checksum += static_cast<std::int64_t>(i + 1) * values[i];
    EXPECT_EQ(checksum, expected.checksum);
  }
}

// The 10000th number is part of the C++ standard (std::mt19937 seeded with 5489).
TEST(NumpyRandom, RawNumbersAreTheMersenneTwisters) {
  NumpyRandom random(5489);
  std::uint32_t last = 0;
  for (int i = 0; i < 10000; ++i) last = random.next_uint32();
  EXPECT_EQ(last, 4123659995U);
}

// Published test values of SplitMix64 for seed 1234567.
TEST(Random, NumbersAreSplitMix64s) {
  Random random(1234567);
  EXPECT_EQ(random(), 6457827717110365317U);
  EXPECT_EQ(random(), 3203168211198807973U);
  EXPECT_EQ(random(), 9817491932198370423U);
}

TEST(Random, UniformAndNormalHaveTheirMoments) {
  Random random(1);
  constexpr int kCount = 200000;
  double sum = 0;
  double normal_sum = 0;
  double normal_squares = 0;
  for (int i = 0; i < kCount; ++i) {
    const double u = random.uniform();
    ASSERT_TRUE(u >= 0 && u < 1);
    sum += u;
    const double z = random.normal();
    ASSERT_TRUE(std::isfinite(z));
    normal_sum += z;
    normal_squares += z * z;
  }
  EXPECT_NEAR(sum / kCount, 0.5, 0.005);
  EXPECT_NEAR(normal_sum / kCount, 0, 0.01);
  EXPECT_NEAR(normal_squares / kCount, 1, 0.02);
}

TEST(Random, BelowReachesEveryValueAndNoOther) {
  Random random(3);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random.below(7));
  EXPECT_EQ(seen.size(), 7U);
  EXPECT_EQ(*seen.rbegin(), 6U);
  EXPECT_EQ(random.below(1), 0U);
}

TEST(Random, ShuffleKeepsTheValuesAndFollowsTheSeed) {
  std::vector<int> ordered(100);
  std::iota(ordered.begin(), ordered.end(), 0);
  std::vector<int> first = ordered;
  std::vector<int> again = ordered;
  std::vector<int> other = ordered;
  Random(5).shuffle(first);
  Random(5).shuffle(again);
  Random(6).shuffle(other);
  EXPECT_EQ(first, again);
  EXPECT_NE(first, other);
  std::sort(first.begin(), first.end());
  EXPECT_EQ(first, ordered);
}

TEST(MixSeed, EveryPartAndTheirOrderCount) {
  const std::set<std::uint64_t> seeds = {mix_seed({1, 2}), mix_seed({2, 1}),    mix_seed({1, 3}),
                                         mix_seed({1}),    mix_seed({1, 2, 0}), mix_seed({0, 1, 2})};
  EXPECT_EQ(seeds.size(), 6U);
}

}  // namespace
}  // namespace cloudmask
