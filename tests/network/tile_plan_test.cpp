#include "cloudmask/network/tile_plan.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "cloudmask/network/unet.h"

namespace cloudmask {
namespace {

void expect_covered_once(const TilePlan& plan, int height_px, int width_px) {
  std::vector<int> covered(static_cast<std::size_t>(height_px * width_px), 0);
  for (const Tile& tile : plan) {
    ASSERT_GE(tile.keep.top_px, std::max(tile.input.top_px, 0));
    ASSERT_GE(tile.keep.left_px, std::max(tile.input.left_px, 0));
    ASSERT_LE(tile.keep.top_px + tile.keep.height_px, std::min(tile.input.top_px + tile.input.height_px, height_px));
    ASSERT_LE(tile.keep.left_px + tile.keep.width_px, std::min(tile.input.left_px + tile.input.width_px, width_px));
    for (int row = 0; row < tile.keep.height_px; ++row) {
      for (int column = 0; column < tile.keep.width_px; ++column) {
        ++covered[static_cast<std::size_t>((tile.keep.top_px + row) * width_px + tile.keep.left_px + column)];
      }
    }
  }
  EXPECT_EQ(std::count(covered.begin(), covered.end(), 1), height_px * width_px);
}

TEST(TilePlan, PatchesAreTheReferences) {
  const TilePlan plan = plan_patches(1200, 1500, 256, 80);
  ASSERT_EQ(plan.size(), 63U);  // 7x9
  EXPECT_EQ(plan.front().input.top_px, -56);
  EXPECT_EQ(plan.front().input.left_px, -82);
  // Piece (i, j) covers rows 176 i - 16 and columns 176 j - 42 of the scene.
  EXPECT_EQ(plan[10].keep.top_px, 160);
  EXPECT_EQ(plan[10].keep.left_px, 134);
  EXPECT_EQ(plan[10].keep.height_px, 176);
  EXPECT_EQ(plan.back().keep.top_px + plan.back().keep.height_px, 1200);
}

TEST(TilePlan, EveryPlanCoversTheSceneOnce) {
  for (const auto& [height, width] : {std::pair{1200, 1500}, {1199, 1501}, {256, 256}, {100, 300}, {8, 9}, {1, 1}}) {
    expect_covered_once(plan_patches(height, width, 256, 80), height, width);
    for (const int tile : {64, 72, 512, 4096})
      expect_covered_once(plan_scene(height, width, tile, 256, 80), height, width);
  }
}

TEST(TilePlan, AllPatchesHaveTheSizeOfAPatch) {
  for (const auto& [height, width] : {std::pair{1200, 1500}, {1199, 1501}, {8, 9}}) {
    for (const Tile& tile : plan_patches(height, width, 256, 80)) {
      EXPECT_EQ(tile.input.height_px, 256);
      EXPECT_EQ(tile.input.width_px, 256);
    }
  }
}

// Along one axis, of a scene of `size_px`.
void expect_halo(int input_begin_px, int input_size_px, int keep_begin_px, int keep_size_px, int size_px) {
  EXPECT_EQ(input_size_px % kPoolingGrid, 0);
  const int keep_end_px = keep_begin_px + keep_size_px;
  const int input_end_px = input_begin_px + input_size_px;
  EXPECT_GE(keep_begin_px - std::max(input_begin_px, 0), input_begin_px > 0 ? kReceptiveRadius : 0);
  EXPECT_GE(std::min(input_end_px, size_px) - keep_end_px, input_end_px < size_px ? kReceptiveRadius : 0);
  EXPECT_GT(input_begin_px, -kPoolingGrid);
  EXPECT_LT(input_end_px, size_px + kPoolingGrid);
}

TEST(TilePlan, SceneTilesLieOnThePatchesPoolingGridAndSeeTheReceptiveRadiusInsideTheScene) {
  for (const auto& [height, width] : {std::pair{1200, 1500}, {1199, 1501}, {300, 375}}) {
    const TilePlan patches = plan_patches(height, width, 256, 80);
    for (const int tile_px : {64, 512}) {
      for (const auto& [input, keep] : plan_scene(height, width, tile_px, 256, 80)) {
        EXPECT_EQ((input.top_px - patches.front().input.top_px) % kPoolingGrid, 0);
        EXPECT_EQ((input.left_px - patches.front().input.left_px) % kPoolingGrid, 0);
        expect_halo(input.top_px, input.height_px, keep.top_px, keep.height_px, height);
        expect_halo(input.left_px, input.width_px, keep.left_px, keep.width_px, width);
      }
    }
  }
}

TEST(TilePlan, OneSceneTileDoesLessThanHalfTheArithmeticOfPatches) {
  const auto pixels = [](const TilePlan& plan) {
    double sum = 0;
    for (const Tile& tile : plan) sum += static_cast<double>(tile.input.height_px) * tile.input.width_px;
    return sum;
  };
  EXPECT_LT(pixels(plan_scene(1200, 1500, 2048, 256, 80)), 0.45 * pixels(plan_patches(1200, 1500, 256, 80)));
}

}  // namespace
}  // namespace cloudmask
