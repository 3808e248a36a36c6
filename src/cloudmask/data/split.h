#pragma once

#include <vector>

namespace cloudmask {

/// Positions in the sorted list of scenes.
struct Split {
  std::vector<int> training;
  std::vector<int> test;
};

/// scikit-learn's train_test_split(range(scenes), train_size=train_share, random_state=42), element for element and in
/// its order: the reference program splits so. 0 < train_share < 1. Throws Error when either part would be empty.
Split split_scenes(int scenes, double train_share);

}  // namespace cloudmask
