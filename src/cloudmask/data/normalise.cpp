#include "cloudmask/data/normalise.h"

#include <algorithm>
#include <cmath>

namespace cloudmask {

void network_input(const Scene& scene, std::size_t pixel, float* channels) {
  if (pixel_missing(scene, pixel)) {
    std::fill_n(channels, kChannels, 0.0F);
    return;
  }
  const float* reflectance = &scene.reflectance[pixel * kReflectanceBands];
  for (int band = 0; band < kReflectanceBands; ++band) {
    channels[band] = (std::isnan(reflectance[band]) ? 0.0F : reflectance[band]) - kReflectanceOffset;
  }
  const float* temperature_k = &scene.brightness_temperature_k[pixel * kBrightnessTemperatureBands];
  const float s7_k = std::isnan(temperature_k[0]) ? temperature_k[1] : temperature_k[0];
  channels[6] = (s7_k - kTemperatureOffset_k) / kTemperatureUnit_k;
  channels[7] = (temperature_k[1] - kTemperatureOffset_k) / kTemperatureUnit_k;
  channels[8] = (temperature_k[2] - kTemperatureOffset_k) / kTemperatureUnit_k;
}

}  // namespace cloudmask
