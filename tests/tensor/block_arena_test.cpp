#include "cloudmask/tensor/block_arena.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <mutex>
#include <random>
#include <thread>
#include <utility>
#include <vector>

namespace cloudmask {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

TEST(BlockArena, SameSequenceAgainMapsNothing) {
  BlockArena arena;
  const auto step = [&] {
    std::vector<void*> blocks;
    for (const std::size_t mib : {32, 4, 64, 8, 16, 5}) blocks.push_back(arena.allocate(mib * kMiB));
    for (const std::size_t index : {1, 0, 4}) EXPECT_TRUE(arena.deallocate(blocks[index]));
    void* const later = arena.allocate(24 * kMiB);
    for (const std::size_t index : {5, 2, 3}) EXPECT_TRUE(arena.deallocate(blocks[index]));
    EXPECT_TRUE(arena.deallocate(later));
  };
  step();
  const MemoryStatistics first = arena.statistics();
  EXPECT_GT(first.mappings, 0U);
  EXPECT_EQ(first.in_use_bytes, 0U);
  for (int i = 0; i < 5; ++i) step();
  EXPECT_EQ(arena.statistics().mappings, first.mappings);
  EXPECT_EQ(arena.statistics().held_bytes, first.held_bytes);
}

TEST(BlockArena, FreedNeighboursServeALargerBlock) {
  BlockArena arena;
  std::vector<void*> blocks;
  for (int i = 0; i < 8; ++i) blocks.push_back(arena.allocate(4 * kMiB));
  const MemoryStatistics before = arena.statistics();
  for (const std::size_t index : {0, 2, 4, 6, 1, 3, 5, 7}) arena.deallocate(blocks[index]);
  void* const whole = arena.allocate(32 * kMiB);
  EXPECT_EQ(arena.statistics().mappings, before.mappings);
  EXPECT_EQ(arena.statistics().held_bytes, 32 * kMiB);
  EXPECT_EQ(arena.statistics().in_use_bytes, 32 * kMiB);
  arena.deallocate(whole);
}

TEST(BlockArena, FreeRangeAtTheEdgeIsMadeLonger) {
  BlockArena arena;
  void* const kept = arena.allocate(4 * kMiB);
  arena.deallocate(arena.allocate(16 * kMiB));
  void* const longer = arena.allocate(20 * kMiB);
  EXPECT_EQ(arena.statistics().held_bytes, 24 * kMiB);
  arena.deallocate(kept);
  arena.deallocate(longer);
}

TEST(BlockArena, SmallestRangeThatFitsIsTaken) {
  BlockArena arena;
  std::vector<void*> blocks;
  for (const std::size_t mib : {16, 2, 4, 2, 8, 2}) blocks.push_back(arena.allocate(mib * kMiB));
  for (const std::size_t index : {0, 2, 4}) arena.deallocate(blocks[index]);
  void* const block = arena.allocate(3 * kMiB);
  EXPECT_EQ(block, blocks[2]);
  arena.deallocate(block);
  for (const std::size_t index : {1, 3, 5}) arena.deallocate(blocks[index]);
}

TEST(BlockArena, FreeMemoryIsReturnedWhenAsked) {
  BlockArena arena;
  void* const first = arena.allocate(64 * kMiB);
  void* const kept = arena.allocate(3 * kMiB + 5);
  void* const last = arena.allocate(64 * kMiB);
  std::memset(kept, 77, 3 * kMiB + 5);
  arena.deallocate(first);
  arena.deallocate(last);
  arena.release();
  EXPECT_EQ(arena.statistics().held_bytes, arena.statistics().in_use_bytes);
  EXPECT_EQ(static_cast<unsigned char*>(kept)[3 * kMiB + 4], 77);

  void* const again = arena.allocate(64 * kMiB);  // what was returned is not handed out
  std::memset(again, 1, 64 * kMiB);
  EXPECT_EQ(static_cast<unsigned char*>(kept)[0], 77);
  arena.deallocate(kept);
  arena.deallocate(again);
  arena.release();
  EXPECT_EQ(arena.statistics().held_bytes, 0U);
}

TEST(BlockArena, RefusedBlockIsNullAndCostsNothing) {
  BlockArena arena;
  EXPECT_EQ(arena.allocate(std::size_t{1} << 52), nullptr);
  EXPECT_EQ(arena.allocate(std::numeric_limits<std::size_t>::max()), nullptr);
  EXPECT_EQ(arena.statistics().held_bytes, 0U);
  void* const block = arena.allocate(kMiB);
  ASSERT_NE(block, nullptr);
  arena.deallocate(block);
}

TEST(BlockArena, RefusalReturnsWhatIsFreeFirst) {
  BlockArena arena;
  arena.deallocate(arena.allocate(64 * kMiB));
  EXPECT_EQ(arena.allocate(std::size_t{1} << 52), nullptr);
  EXPECT_EQ(arena.statistics().held_bytes, 0U);
}

TEST(BlockArena, StrangersAreNotTaken) {
  BlockArena arena;
  int elsewhere = 0;
  EXPECT_FALSE(arena.deallocate(&elsewhere));
  auto* const block = static_cast<char*>(arena.allocate(4 * kMiB));
  EXPECT_FALSE(arena.deallocate(block + BlockArena::kPageBytes));
  EXPECT_TRUE(arena.deallocate(block));
  EXPECT_FALSE(arena.deallocate(block));
}

// Each word of a block holds the block's number: a block that shares memory with another would not find its own.
class NumberedBlock {
 public:
  NumberedBlock(BlockArena& arena, std::size_t bytes, std::uint64_t number)
      : words_(static_cast<std::uint64_t*>(arena.allocate(bytes))), count_(bytes / sizeof(std::uint64_t)) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(words_) % BlockArena::kPageBytes, 0U);
    for (std::size_t i = 0; i < count_; i += kStride) words_[i] = number;
  }

  void check_and_return(BlockArena& arena, std::uint64_t number) {
    std::size_t strange = 0;
    for (std::size_t i = 0; i < count_; i += kStride) strange += words_[i] != number ? 1 : 0;
    EXPECT_EQ(strange, 0U);
    EXPECT_TRUE(arena.deallocate(words_));
  }

 private:
  static constexpr std::size_t kStride = 64;
  std::uint64_t* words_;
  std::size_t count_;
};

TEST(BlockArena, LiveBlocksShareNothing) {
  BlockArena arena;
  std::mt19937 random(1);
  std::vector<std::pair<NumberedBlock, std::uint64_t>> live;
  for (std::uint64_t number = 0; number < 600; ++number) {
    live.emplace_back(NumberedBlock(arena, random() % (3 * kMiB) + 1, number), number);
    if (live.size() > 24 || random() % 3 == 0) {
      std::swap(live[random() % live.size()], live.back());
      live.back().first.check_and_return(arena, live.back().second);
      live.pop_back();
    }
    if (number % 100 == 0) arena.release();
  }
  for (auto& [block, number] : live) block.check_and_return(arena, number);
  EXPECT_EQ(arena.statistics().in_use_bytes, 0U);
  arena.release();
  EXPECT_EQ(arena.statistics().held_bytes, 0U);
}

TEST(BlockArena, ThreadsReturnEachOthersBlocks) {
  BlockArena arena;
  constexpr std::uint64_t kThreads = 4;
  constexpr std::uint64_t kBlocks = 60;
  std::mutex mutex;
  std::vector<std::pair<NumberedBlock, std::uint64_t>> exchange;
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (std::uint64_t i = 0; i < kBlocks; ++i) {
          const std::uint64_t number = thread * kBlocks + i;
          NumberedBlock made(arena, (number % 7 + 1) * kMiB / 2, number);
          std::unique_lock lock(mutex);
          exchange.emplace_back(made, number);
          std::swap(exchange.front(), exchange.back());
          if (exchange.size() < 6) continue;
          auto [other, other_number] = exchange.back();
          exchange.pop_back();
          lock.unlock();
          other.check_and_return(arena, other_number);
          if (i % 16 == 0) arena.release();
        }
      });
    }
  }
  for (auto& [block, number] : exchange) block.check_and_return(arena, number);
  EXPECT_EQ(arena.statistics().in_use_bytes, 0U);
}

TEST(BlockArenaDeathTest, ProcessWithoutHugePagesKnows) {
  EXPECT_EXIT(
      {
        prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
        std::_Exit(BlockArena::huge_pages_given() ? 1 : 0);
      },
      ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace cloudmask
