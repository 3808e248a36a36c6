#include "cloudmask/remote/range_set.h"

#include <gmock/gmock.h>

#include "cloudmask/base/random.h"

namespace cloudmask {
namespace {

std::vector<std::pair<std::uint64_t, std::uint64_t>> pairs(const std::vector<ByteRange>& ranges) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> all;
  for (const ByteRange& range : ranges) all.emplace_back(range.offset, range.bytes);
  return all;
}

using Pairs = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

TEST(RangeSet, JoinsWhatTouchesAndOverlaps) {
  RangeSet set;
  set.add({10, 5});
  set.add({20, 5});
  EXPECT_EQ(pairs(set.ranges()), (Pairs{{10, 5}, {20, 5}}));
  set.add({15, 5});
  EXPECT_EQ(pairs(set.ranges()), (Pairs{{10, 15}}));
  set.add({0, 100});
  set.add({50, 0});
  EXPECT_EQ(pairs(set.ranges()), (Pairs{{0, 100}}));
}

TEST(RangeSet, GapsAreWhatIsMissing) {
  RangeSet set;
  EXPECT_EQ(pairs(set.gaps(7)), (Pairs{{0, 7}}));
  EXPECT_EQ(pairs(set.gaps(0)), Pairs{});
  set.add({2, 2});
  set.add({6, 1});
  EXPECT_EQ(pairs(set.gaps(9)), (Pairs{{0, 2}, {4, 2}, {7, 2}}));
}

TEST(RangeSet, EqualsOneFlagAByte) {
  Random random(5);
  RangeSet set;
  std::vector<bool> there(200, false);
  for (int i = 0; i < 60; ++i) {
    const ByteRange range{random.below(190), random.below(10)};
    set.add(range);
    for (std::uint64_t at = range.offset; at < range.offset + range.bytes; ++at) there[at] = true;
    EXPECT_EQ(set.bytes(), static_cast<std::uint64_t>(std::count(there.begin(), there.end(), true)));
    std::uint64_t missing = 0;
    for (const ByteRange& gap : set.gaps(200)) {
      for (std::uint64_t at = gap.offset; at < gap.offset + gap.bytes; ++at) EXPECT_FALSE(there[at]);
      missing += gap.bytes;
    }
    EXPECT_EQ(missing + set.bytes(), 200U);
  }
}

TEST(RangeSet, PiecesCoverTheRangesAndAreNoLonger) {
  EXPECT_EQ(pairs(split({{5, 10}, {40, 4}}, 4)), (Pairs{{5, 4}, {9, 4}, {13, 2}, {40, 4}}));
  EXPECT_TRUE(split({}, 4).empty());
}

}  // namespace
}  // namespace cloudmask
