#include "cloudmask/data/split.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "cloudmask/base/error.h"

namespace cloudmask {
namespace {

// Numbers from scikit-learn 1.9: train_test_split(range(n), train_size=share, random_state=42).
TEST(Split, EqualsScikitLearn) {
  const Split ten = split_scenes(10, 0.8);
  EXPECT_EQ(ten.training, (std::vector<int>{5, 0, 7, 2, 9, 4, 3, 6}));
  EXPECT_EQ(ten.test, (std::vector<int>{8, 1}));
  EXPECT_EQ(split_scenes(2, 0.5).training, (std::vector<int>{0}));
  EXPECT_EQ(split_scenes(7, 0.8).test, (std::vector<int>{0, 1}));
}

TEST(Split, EveryScenesIsInExactlyOnePart) {
  for (const int n : {2, 3, 5, 20, 970}) {
    const Split split = split_scenes(n, 0.7);
    std::vector<int> all = split.training;
    all.insert(all.end(), split.test.begin(), split.test.end());
    std::sort(all.begin(), all.end());
    std::vector<int> expected(static_cast<std::size_t>(n));
    std::iota(expected.begin(), expected.end(), 0);
    EXPECT_EQ(all, expected) << n;
  }
}

TEST(Split, PartWithoutSceneIsRefused) {
  EXPECT_THROW(split_scenes(1, 0.8), Error);
  EXPECT_THROW(split_scenes(3, 0.2), Error);
}

}  // namespace
}  // namespace cloudmask
