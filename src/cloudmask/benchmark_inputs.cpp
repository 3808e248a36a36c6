#include "cloudmask/benchmark_inputs.h"

#include "cloudmask/base/random.h"

namespace cloudmask {

Batch random_batch(const Config& config) {
  const std::int64_t n = config.training.batch_size;
  const std::int64_t size = config.data.patch_size_px;
  return {torch::randn({n, size, size, input_channels(config.model.normalisation)}).permute({0, 3, 1, 2}),
          torch::randint(2, {n, 1, size, size}).to(torch::kFloat32), torch::ones({n, 1, size, size})};
}

Scene random_scene(int height_px, int width_px) {
  Random random(1);
  Scene scene;
  scene.name = "benchmark";
  scene.height_px = height_px;
  scene.width_px = width_px;
  scene.reflectance.resize(scene.pixels() * kReflectanceBands);
  scene.brightness_temperature_k.resize(scene.pixels() * kBrightnessTemperatureBands);
  for (float& value : scene.reflectance) value = static_cast<float>(random.uniform());
  for (float& value : scene.brightness_temperature_k) value = static_cast<float>(random.uniform(220, 300));
  return scene;
}

}  // namespace cloudmask
