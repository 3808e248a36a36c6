#include "cloudmask/model/spectral_layer.h"

#include <array>

#include "cloudmask/config/input_scaling.h"

namespace cloudmask {
namespace {

enum Channel { kS1, kS2, kS3, kS4, kS5, kS6, kS7, kS8, kS9, kTref };

// (value of `plus` - value of `minus`) / scale; a single reflectance has no `minus`.
struct Feature {
  int plus;
  int minus;
  float scale;
};
constexpr int kNone = -1;
constexpr std::array<Feature, 10> kFeatures{{{kS7, kS8, 1.0F},
                                             {kS7, kS8, 4.0F},
                                             {kS7, kS8, 20.0F},
                                             {kS8, kS9, 1.0F},
                                             {kS4, kNone, 0.05F},
                                             {kS3, kNone, 0.15F},
                                             {kS5, kNone, 0.15F},
                                             {kS1, kS5, 0.3F},
                                             {kTref, kS8, 3.0F},
                                             {kTref, kS8, 12.0F}}};

std::size_t features_of(Normalisation normalisation) {
  switch (normalisation) {
    case Normalisation::kReference:
      return 0;
    case Normalisation::kSpectral:
      return 8;
    case Normalisation::kBackground:
      break;
  }
  return kFeatures.size();
}

}  // namespace

ConvWeights make_spectral_layer(Normalisation normalisation) {
  const std::size_t features = features_of(normalisation);
  ConvWeights layer;
  layer.kernel_px = 1;
  layer.in_channels = input_channels(normalisation);
  layer.out_channels = static_cast<int>(features);
  layer.kernel.assign(static_cast<std::size_t>(layer.in_channels) * features, 0.0F);
  layer.bias.assign(features, 0.0F);
  for (std::size_t i = 0; i < features; ++i) {
    const Feature& feature = kFeatures[i];
    const float unit = feature.plus >= kS7 ? kTemperatureUnit_k : 1.0F;
    const auto weight = [&](int channel) -> float& {
      return layer.kernel[static_cast<std::size_t>(channel) * features + i];
    };
    weight(feature.plus) = unit / feature.scale;
    if (feature.minus == kNone) {
      layer.bias[i] = kReflectanceOffset / feature.scale;
    } else {
      weight(feature.minus) = -unit / feature.scale;
    }
  }
  return layer;
}

}  // namespace cloudmask
