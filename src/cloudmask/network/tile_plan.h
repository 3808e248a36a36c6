#pragma once

#include <vector>

namespace cloudmask {

/// A rectangle in scene coordinates; it may reach outside the scene, where the network's input is zero.
struct Window {
  int top_px = 0;
  int left_px = 0;
  int height_px = 0;
  int width_px = 0;
};

/// The network runs on `input` and the part `keep` of its output is used.
struct Tile {
  Window input;
  Window keep;  ///< inside the scene and inside `input`
};

/// The kept parts cover the scene without overlap.
using TilePlan = std::vector<Tile>;

/// The reference program's plan (TensorFlow extract_patches, stride patch - crop, padding SAME): ceil(size / stride)
/// patches a side, zeros outside, crop/2 cut from each side of each output. All inputs have the same size. 1200x1500,
/// 256, 80: 7x9.
TilePlan plan_patches(int height_px, int width_px, int patch_size_px, int crop_size_px);

/// Few large tiles on the pooling grid that plan_patches has, with a halo of at least the network's receptive radius
/// towards their neighbours: every tile size gives the same mask. At the scene's edge there is none: the network pads
/// each of its layers there as it does at the edge of the patches it learnt from, which costs less than zeros that
/// look like data. `tile_px` is the side of the kept part, a multiple of 8; the tiles are made nearly equal, so the
/// last one is not a sliver.
TilePlan plan_scene(int height_px, int width_px, int tile_px, int patch_size_px, int crop_size_px);

}  // namespace cloudmask
