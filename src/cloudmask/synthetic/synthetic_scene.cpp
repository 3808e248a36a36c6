#include "cloudmask/synthetic/synthetic_scene.h"

#include <fmt/format.h>

#include <utility>

#include "cloudmask/base/error.h"
#include "cloudmask/synthetic/instrument.h"
#include "cloudmask/synthetic/labels.h"

namespace cloudmask {
namespace {

using namespace synthetic;  // NOLINT(google-build-using-namespace): the parts of this function's model

void check_size(const char* name, int length_px) {
  constexpr int kMin_px = 64;
  constexpr int kMax_px = 8192;
  if (length_px >= kMin_px && length_px <= kMax_px) return;
  throw UsageError(fmt::format("synthetic scene: {} is {} px, wanted {} to {}", name, length_px, kMin_px, kMax_px));
}

void check_variation(const SceneVariation& variation) {
  const auto check = [](const char* name, double value, double least, double most) {
    if (value >= least && value <= most) return;  // NaN is not
    throw UsageError(fmt::format("synthetic scene: {} is {}, wanted {} to {}", name, value, least, most));
  };
  check("share of wrong labels", variation.label_error.value_or(0), 0, 0.5);
  check("noise", variation.noise, 0, 100);
  check("particle size", variation.particle_size, 0.25, 4);
}

}  // namespace

SyntheticScene make_synthetic_scene(const SyntheticOptions& options) {
  check_size("height", options.height_px);
  check_size("width", options.width_px);
  check_variation(options.variation);
  ScenePlan plan = plan_scene({options.height_px, options.width_px}, options.seed, options.night);
  if (options.variation.label_error) plan.label_error = static_cast<float>(*options.variation.label_error);
  plan.noise = static_cast<float>(options.variation.noise);
  plan.particle_size = static_cast<float>(options.variation.particle_size);
  const Viewing viewing = make_viewing(plan);
  const Planck planck;
  const Flow flow = make_flow(plan);
  Geography ground = make_geography(plan, viewing, flow);

  SyntheticScene result;
  Scene& scene = result.scene;
  scene.height_px = options.height_px;
  scene.width_px = options.width_px;
  Truth truth;
  {
    const std::vector<CloudLayer> layers = make_clouds(plan, flow, ground);
    truth = find_truth(plan, layers);
    const RadiationResult radiation = radiate(plan, viewing, ground, layers, planck);
    observe(plan, radiation.cloudy, planck, scene);
    scene.label = make_label(plan, viewing, ground, truth, radiation);
  }
  scene.truth = std::move(truth.cloud);
  scene.surface = std::move(ground.surface);
  drop_pixels(plan, scene);
  result.extras.push_back({"cloud_kind", "0 clear, 1 stratus, 2 cumulus, 3 mid, 4 deep, 5 cirrus",
                           std::vector<float>(truth.kind.begin(), truth.kind.end())});
  result.extras.push_back(
      {"surface_temperature_k", "skin temperature of the ground, K", std::move(ground.skin_k.values)});
  return result;
}

}  // namespace cloudmask
