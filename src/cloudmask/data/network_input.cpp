#include "cloudmask/data/network_input.h"

#include <algorithm>
#include <cmath>

#include "cloudmask/screening/clear_reference.h"

namespace cloudmask {

NetworkInput::NetworkInput(const Scene& scene, Normalisation normalisation, int threads)
    : scene_(scene), channels_(input_channels(normalisation)) {
  if (channels_ > kChannels) reference_k_ = clear_reference_k(scene, threads);
}

void NetworkInput::write(std::size_t pixel, float* channels) const {
  if (pixel_missing(scene_, pixel)) {
    std::fill_n(channels, channels_, 0.0F);
    return;
  }
  const float* reflectance = &scene_.reflectance[pixel * kReflectanceBands];
  for (int band = 0; band < kReflectanceBands; ++band) {
    channels[band] = (std::isnan(reflectance[band]) ? 0.0F : reflectance[band]) - kReflectanceOffset;
  }
  const float* temperature_k = &scene_.brightness_temperature_k[pixel * kBrightnessTemperatureBands];
  const auto scaled = [](float value_k) { return (value_k - kTemperatureOffset_k) / kTemperatureUnit_k; };
  channels[6] = scaled(std::isnan(temperature_k[0]) ? temperature_k[1] : temperature_k[0]);
  channels[7] = scaled(temperature_k[1]);
  channels[8] = scaled(temperature_k[2]);
  if (!reference_k_.empty()) channels[9] = scaled(reference_k_[pixel]);
}

}  // namespace cloudmask
