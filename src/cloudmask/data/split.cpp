#include "cloudmask/data/split.h"

#include <fmt/format.h>

#include <cmath>

#include "cloudmask/base/error.h"
#include "cloudmask/base/random.h"

namespace cloudmask {

Split split_scenes(int scenes, double train_share) {
  constexpr std::uint32_t kReferenceRandomState = 42;
  // sklearn.model_selection._split: floor of the training share, the rest is the test set and comes first in the
  // permutation.
  const int training = static_cast<int>(std::floor(train_share * scenes));
  const int test = scenes - training;
  if (training < 1 || test < 1) {
    throw Error(
        fmt::format("{} scenes cannot be split with train_split {}: {} would be left for training and {} for "
                    "testing; give more scenes or another train_split",
                    scenes, train_share, training, test));
  }
  const auto order = NumpyRandom(kReferenceRandomState).permutation(scenes);
  Split split;
  split.test.assign(order.begin(), order.begin() + test);
  split.training.assign(order.begin() + test, order.end());
  return split;
}

}  // namespace cloudmask
