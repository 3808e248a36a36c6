#include "cloudmask/model/model_content.h"

namespace cloudmask {
namespace {

ConvWeights shape_of_conv(int kernel_px, int in_channels, int out_channels) {
  return {kernel_px, in_channels, out_channels, {}, {}};
}

}  // namespace

const std::vector<std::string>& unet_layer_names() {
  static const std::vector<std::string> names{"down1_conv1", "down1_conv2", "down2_conv1",  "down2_conv2",
                                              "down3_conv1", "down3_conv2", "bottom_conv1", "bottom_conv2",
                                              "up3_conv1",   "up3_conv2",   "up2_conv1",    "up2_conv2",
                                              "up1_conv1",   "up1_conv2",   "head"};
  return names;
}

ModelContent unet_without_weights(const ModelOptions& options, int spectral_filters) {
  ModelContent content;
  content.options = options;
  const int base_filters = options.base_filters;
  int from = input_channels(options.normalisation);
  if (spectral_filters > 0) content.spectral = shape_of_conv(1, from, spectral_filters);
  from += spectral_filters;
  const auto add_two = [&](int in_channels, int filters) {
    content.convolutions.push_back(shape_of_conv(3, in_channels, filters));
    content.convolutions.push_back(shape_of_conv(3, filters, filters));
    from = filters;
  };
  for (int level = 0; level <= 3; ++level) add_two(from, base_filters << level);
  for (int level = 2; level >= 0; --level) add_two(from + (base_filters << level), base_filters << level);
  content.convolutions.push_back(shape_of_conv(1, base_filters, 1));
  return content;
}

}  // namespace cloudmask
