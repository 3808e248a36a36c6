#include "cloudmask/inference/tile_plan.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "cloudmask/model/unet.h"

namespace cloudmask {
namespace {

void expect_covered_once(const TilePlan& plan, int height_px, int width_px) {
  std::vector<int> covered(static_cast<std::size_t>(height_px * width_px), 0);
  for (const Tile& tile : plan.tiles) {
    ASSERT_EQ(tile.input.height_px, plan.input_height_px);
    ASSERT_EQ(tile.input.width_px, plan.input_width_px);
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
  ASSERT_EQ(plan.tiles.size(), 63U);  // 7x9
  EXPECT_EQ(plan.tiles.front().input.top_px, -56);
  EXPECT_EQ(plan.tiles.front().input.left_px, -82);
  // Piece (i, j) covers rows 176 i - 16 and columns 176 j - 42 of the scene.
  EXPECT_EQ(plan.tiles[10].keep.top_px, 160);
  EXPECT_EQ(plan.tiles[10].keep.left_px, 134);
  EXPECT_EQ(plan.tiles[10].keep.height_px, 176);
  EXPECT_EQ(plan.tiles.back().keep.top_px + plan.tiles.back().keep.height_px, 1200);
}

TEST(TilePlan, EveryPlanCoversTheSceneOnce) {
  for (const auto& [height, width] : {std::pair{1200, 1500}, {1199, 1501}, {256, 256}, {100, 300}, {8, 9}, {1, 1}}) {
    expect_covered_once(plan_patches(height, width, 256, 80), height, width);
    for (const int tile : {64, 72, 512, 4096})
      expect_covered_once(plan_scene(height, width, tile, 256, 80), height, width);
  }
}

TEST(TilePlan, SceneTilesLieOnThePatchesPoolingGridAndSeeTheReceptiveRadius) {
  for (const auto& [height, width] : {std::pair{1200, 1500}, {1199, 1501}, {300, 375}}) {
    const TilePlan patches = plan_patches(height, width, 256, 80);
    const TilePlan scene = plan_scene(height, width, 512, 256, 80);
    EXPECT_EQ(scene.input_height_px % kPoolingGrid, 0);
    EXPECT_EQ(scene.input_width_px % kPoolingGrid, 0);
    for (const Tile& tile : scene.tiles) {
      EXPECT_EQ((tile.input.top_px - patches.tiles.front().input.top_px) % kPoolingGrid, 0);
      EXPECT_EQ((tile.input.left_px - patches.tiles.front().input.left_px) % kPoolingGrid, 0);
      EXPECT_GE(tile.keep.top_px - tile.input.top_px, kReceptiveRadius);
      EXPECT_GE(tile.keep.left_px - tile.input.left_px, kReceptiveRadius);
      EXPECT_GE(tile.input.top_px + tile.input.height_px - tile.keep.top_px - tile.keep.height_px, kReceptiveRadius);
    }
  }
}

TEST(TilePlan, SceneTilesDoLessThanHalfTheArithmeticOfPatches) {
  const auto pixels = [](const TilePlan& plan) {
    return static_cast<double>(plan.tiles.size()) * plan.input_height_px * plan.input_width_px;
  };
  EXPECT_LT(pixels(plan_scene(1200, 1500, 2048, 256, 80)), 0.52 * pixels(plan_patches(1200, 1500, 256, 80)));
}

}  // namespace
}  // namespace cloudmask
