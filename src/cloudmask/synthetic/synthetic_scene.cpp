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

}  // namespace

SyntheticScene make_synthetic_scene(const SyntheticOptions& options) {
  check_size("height", options.height_px);
  check_size("width", options.width_px);
  ScenePlan plan = plan_scene({options.height_px, options.width_px}, options.seed, options.night);
  if (options.label_error) plan.label_error = static_cast<float>(*options.label_error);
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
