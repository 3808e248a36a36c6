#include "cloudmask/synthetic/clouds.h"

#include <algorithm>
#include <cmath>

namespace cloudmask::synthetic {
namespace {

std::uint64_t seed_of(const ScenePlan& plan, Stream stream, CloudKind kind) {
  return stream_seed(plan, stream, static_cast<std::uint64_t>(kind));
}

/// Weather is larger than clouds: a broad field decides where a layer may be, a finer one what it looks like there.
Field add(Field a, float share_a, const Field& b, float share_b) {
  for (std::size_t i = 0; i < a.values.size(); ++i) a[i] = share_a * a[i] + share_b * b[i];
  return a;
}

CloudLayer make_stratus(const ScenePlan& plan, const Flow& flow, const Geography& ground, Random& random) {
  CloudLayer layer;
  layer.kind = kStratus;
  layer.shape = flowing_field(flow, {draw(random, 0, 3), draw(random, 1, 2), 1},
                              {seed_of(plan, Stream::kCloudShape, kStratus), 512, 2, 0.55F});
  const float cell_px = draw(random, 16, 64);
  layer.texture = flowing_field(flow, {draw(random, 0, 3), draw(random, 1, 1.6), 0.6F},
                                {seed_of(plan, Stream::kCloudTexture, kStratus), cell_px, 2, 0.35F});
  layer.optical_depth = draw(random, 4, 14);
  layer.cells = random.uniform() < 0.35 ? draw(random, 0.4, 1) : 0;
  layer.top_km = fractal_field(plan.size, {seed_of(plan, Stream::kCloudHeight, kStratus), 256, 16, 0.8F});
  const float top_km = draw(random, 0.25, 1.15);
  for (std::size_t i = 0; i < layer.top_km.values.size(); ++i) {
    const float above_ground_km = std::clamp(top_km + 0.22F * layer.top_km[i], 0.15F, 1.3F);
    layer.top_km[i] = ground.elevation_km[i] + above_ground_km;
    // Low cloud fills basins and keeps off high ground.
    layer.shape[i] -= 0.8F * std::max(0.0F, ground.elevation_km[i] - 0.5F);
  }
  return layer;
}

CloudLayer make_cumulus(const ScenePlan& plan, const Flow& flow, const Geography& ground, Random& random) {
  CloudLayer layer;
  layer.kind = kCumulus;
  const Field weather = fractal_field(plan.size, {seed_of(plan, Stream::kCloudShape, kCumulus), 300, 16, 0.7F});
  const float spacing_px = draw(random, 7, 20);
  const Field small = flowing_field(flow, {plan.wind_angle_rad, draw(random, 1, 2.2), 0.5F},
                                    {seed_of(plan, Stream::kCloudTexture, kCumulus), spacing_px, 2, 0.3F});
  layer.shape = add(small, 1, weather, 0.9F);
  layer.optical_depth = draw(random, 5, 16);
  const float base_km = draw(random, 1.0, 2.0);
  layer.top_km = layer.shape;
  for (std::size_t i = 0; i < layer.top_km.values.size(); ++i) {
    layer.top_km[i] = ground.elevation_km[i] + std::clamp(base_km + 0.3F * layer.shape[i], 0.8F, 3.5F);
  }
  return layer;
}

CloudLayer make_mid(const ScenePlan& plan, const Flow& flow, Random& random) {
  CloudLayer layer;
  layer.kind = kMid;
  layer.shape = flowing_field(flow, {plan.wind_angle_rad + draw(random, -0.4, 0.4), draw(random, 1.2, 3), 1.3F},
                              {seed_of(plan, Stream::kCloudShape, kMid), 400, 2, 0.45F});
  layer.texture = fractal_field(plan.size, {seed_of(plan, Stream::kCloudTexture, kMid), 24, 2, 0.35F});
  layer.optical_depth = draw(random, 3, 14);
  layer.top_km = fractal_field(plan.size, {seed_of(plan, Stream::kCloudHeight, kMid), 200, 8, 0.7F});
  const float top_km = draw(random, 3.2, 5.5);
  for (float& value : layer.top_km.values) value = std::max(2.2F, top_km + 0.6F * value);
  return layer;
}

CloudLayer make_deep(const ScenePlan& plan, const Flow& flow, Random& random) {
  CloudLayer layer;
  layer.kind = kDeep;
  const bool frontal = plan.region != Region::kTropics && plan.region != Region::kDesert;
  const float stretch = frontal ? draw(random, 2, 4) : draw(random, 1, 1.6);
  layer.shape = flowing_field(flow, {plan.wind_angle_rad + 0.5F, stretch, 1.2F},
                              {seed_of(plan, Stream::kCloudShape, kDeep), frontal ? 500.0F : 160.0F, 2, 0.55F});
  layer.texture = fractal_field(plan.size, {seed_of(plan, Stream::kCloudTexture, kDeep), 32, 2, 0.4F});
  layer.optical_depth = draw(random, 12, 40);
  layer.top_km = layer.texture;
  const float highest_km = 8.5F + 6.5F * smooth_step(65, 10, plan.latitude_deg) + draw(random, -1, 1);
  for (float& value : layer.top_km.values) value = highest_km + 0.35F * value;
  return layer;
}

CloudLayer make_cirrus(const ScenePlan& plan, const Flow& flow, Random& random) {
  CloudLayer layer;
  layer.kind = kCirrus;
  const float angle = plan.wind_angle_rad + draw(random, -0.2, 0.2);
  const Field sheets = flowing_field(flow, {angle, draw(random, 2, 3.5), 1},
                                     {seed_of(plan, Stream::kCloudShape, kCirrus), 360, 4, 0.6F});
  const Field streaks =
      flowing_field(flow, {angle, draw(random, 5, 9), 1}, {seed_of(plan, Stream::kCloudTexture, kCirrus), 40, 2, 0.4F});
  layer.shape = add(sheets, 0.8F, streaks, 0.45F);
  layer.texture = streaks;
  layer.optical_depth = draw(random, 0.5, 1.6);
  layer.top_km = fractal_field(plan.size, {seed_of(plan, Stream::kCloudHeight, kCirrus), 300, 32, 0.8F});
  const float top_km = 7.5F + 4.5F * smooth_step(65, 10, plan.latitude_deg) + draw(random, -0.8, 1);
  for (float& value : layer.top_km.values) value = top_km + 0.6F * value;
  return layer;
}

float total_optical_depth(const std::vector<CloudLayer>& layers, std::size_t pixel) {
  float total = 0;
  for (const CloudLayer& layer : layers) {
    const CloudPixel cloud = layer.at(pixel);
    total += cloud.optical_depth * cloud.cover;
  }
  return total;
}

/// Lowers or raises all thresholds together until the share of cloud is the planned one (bisection on a sample).
void fit_cloud_fraction(const ScenePlan& plan, std::vector<CloudLayer>& layers) {
  const std::size_t step = std::max<std::size_t>(1, plan.size.pixels() / 30000) | 1U;
  const auto fraction_at = [&](float shift) {
    for (CloudLayer& layer : layers) layer.threshold += shift;
    std::size_t cloudy = 0;
    std::size_t seen = 0;
    for (std::size_t i = 0; i < plan.size.pixels(); i += step, ++seen) {
      if (total_optical_depth(layers, i) > kTruthOpticalDepth) ++cloudy;
    }
    for (CloudLayer& layer : layers) layer.threshold -= shift;
    return static_cast<double>(cloudy) / static_cast<double>(seen);
  };
  float low = -6;
  float high = 6;
  for (int i = 0; i < 14; ++i) {
    const float middle = 0.5F * (low + high);
    (fraction_at(middle) > plan.cloud_fraction ? low : high) = middle;
  }
  for (CloudLayer& layer : layers) layer.threshold += 0.5F * (low + high);
}

}  // namespace

float tropopause_k(float latitude_deg) { return 193 + 25 * smooth_step(10, 60, latitude_deg); }

CloudPixel CloudLayer::at(std::size_t pixel) const {
  const float excess = shape[pixel] - threshold;
  if (excess <= 0) return {};
  const float detail = texture.values.empty() ? 0 : texture[pixel];
  switch (kind) {
    case kStratus: {
      // Closed cells are bright with dark seams; open cells are bright seams.
      const float seam = std::exp(-2 * detail * detail);
      const float cell = (1 - cells) * (1.15F - 0.75F * seam) + cells * (0.05F + 1.2F * seam);
      const float density = std::min(1.0F, 0.1F + 1.8F * excess) * cell;
      return {optical_depth * density, smooth_step(0.0F, 0.25F, excess * (0.4F + cell))};
    }
    case kCumulus:
      return {optical_depth * (0.35F + 0.8F * excess), std::min(1.0F, 0.08F + 0.8F * excess)};
    case kMid:
      return {optical_depth * std::min(1.6F, excess * 1.6F) * std::exp(0.45F * detail), smooth_step(0, 0.3F, excess)};
    case kDeep:
      return {optical_depth * excess * std::min(excess, 2.0F) * std::exp(0.3F * detail), 1};
    default:
      return {optical_depth * excess * std::sqrt(excess) * std::exp(0.35F * detail), 1};
  }
}

std::vector<CloudLayer> make_clouds(const ScenePlan& plan, const Flow& flow, const Geography& ground) {
  std::vector<CloudLayer> layers;
  for (int kind = 0; kind < kCloudKinds; ++kind) {
    const double cover = plan.cover[static_cast<std::size_t>(kind)];
    if (cover <= 0) continue;
    Random random(stream_seed(plan, Stream::kCloudShape, std::uint64_t{10} + static_cast<std::uint64_t>(kind)));
    switch (kind) {
      case kStratus:
        layers.push_back(make_stratus(plan, flow, ground, random));
        break;
      case kCumulus:
        layers.push_back(make_cumulus(plan, flow, ground, random));
        break;
      case kMid:
        layers.push_back(make_mid(plan, flow, random));
        break;
      case kDeep:
        layers.push_back(make_deep(plan, flow, random));
        break;
      default:
        layers.push_back(make_cirrus(plan, flow, random));
        break;
    }
    layers.back().threshold = value_exceeded_by(layers.back().shape, cover);
  }
  fit_cloud_fraction(plan, layers);
  return layers;
}

}  // namespace cloudmask::synthetic
