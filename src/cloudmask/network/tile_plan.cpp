#include "cloudmask/network/tile_plan.h"

#include <algorithm>

#include "cloudmask/base/error.h"
#include "cloudmask/network/unet.h"

namespace cloudmask {
namespace {

// One axis of a window.
struct Span {
  int begin;
  int size;
};
struct TileSpan {
  Span input;
  Span keep;
};

int divide_up(int value, int divisor) { return (value + divisor - 1) / divisor; }
int round_up(int value, int multiple) { return divide_up(value, multiple) * multiple; }

// Part of [begin, begin + size) inside [0, limit).
Span clip(int begin, int size, int limit) {
  const int first = std::max(begin, 0);
  return {first, std::min(begin + size, limit) - first};
}

// Where the first patch begins, at most 0: half of the padding that "SAME" needs.
int first_patch(int size_px, int patch_px, int stride_px) {
  const int patches = divide_up(size_px, stride_px);
  return -((patches - 1) * stride_px + patch_px - size_px) / 2;
}

std::vector<TileSpan> patch_spans(int size_px, int patch_px, int crop_px) {
  const int stride = patch_px - crop_px;
  const int first = first_patch(size_px, patch_px, stride);
  std::vector<TileSpan> spans;
  for (int i = 0; i < divide_up(size_px, stride); ++i) {
    const int begin = first + i * stride;
    spans.push_back({{begin, patch_px}, clip(begin + crop_px / 2, stride, size_px)});
  }
  return spans;
}

std::vector<TileSpan> scene_spans(int size_px, int tile_px, int patch_px, int crop_px) {
  constexpr int kHalo = (kReceptiveRadius + kPoolingGrid - 1) / kPoolingGrid * kPoolingGrid;
  const int first = first_patch(size_px, patch_px, patch_px - crop_px);
  // The scene, widened to the pooling grid of the patches.
  const int origin = first + (-first) / kPoolingGrid * kPoolingGrid;
  const int reach = round_up(size_px - origin, kPoolingGrid);
  const int tiles = divide_up(reach, tile_px);
  const int core = round_up(divide_up(reach, tiles), kPoolingGrid);
  std::vector<TileSpan> spans;
  for (int begin = 0; begin < reach; begin += core) {
    Span input = clip(begin - kHalo, core + 2 * kHalo, reach);
    input.begin += origin;
    spans.push_back({input, clip(origin + begin, core, size_px)});
  }
  return spans;
}

TilePlan cross(const std::vector<TileSpan>& rows, const std::vector<TileSpan>& columns) {
  TilePlan plan;
  for (const TileSpan& row : rows) {
    for (const TileSpan& column : columns) {
      plan.push_back({{row.input.begin, column.input.begin, row.input.size, column.input.size},
                      {row.keep.begin, column.keep.begin, row.keep.size, column.keep.size}});
    }
  }
  return plan;
}

}  // namespace

TilePlan plan_patches(int height_px, int width_px, int patch_size_px, int crop_size_px) {
  CM_CHECK(height_px > 0 && width_px > 0 && crop_size_px % 2 == 0 && crop_size_px < patch_size_px);
  return cross(patch_spans(height_px, patch_size_px, crop_size_px), patch_spans(width_px, patch_size_px, crop_size_px));
}

TilePlan plan_scene(int height_px, int width_px, int tile_px, int patch_size_px, int crop_size_px) {
  CM_CHECK(height_px > 0 && width_px > 0 && tile_px > 0 && tile_px % kPoolingGrid == 0);
  return cross(scene_spans(height_px, tile_px, patch_size_px, crop_size_px),
               scene_spans(width_px, tile_px, patch_size_px, crop_size_px));
}

}  // namespace cloudmask
