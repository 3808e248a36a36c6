#include "cloudmask/synthetic/synthetic_dataset.h"

#include <fmt/format.h>

#include <cmath>

#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/base/parallel_for.h"
#include "cloudmask/base/random.h"
#include "cloudmask/scene/scene_writer.h"

namespace cloudmask {
namespace {

/// Scene `index` is a night one when the count of night scenes due up to it grows.
bool is_night(int index, double night_fraction) {
  return std::floor((index + 1) * night_fraction + 1e-9) > std::floor(index * night_fraction + 1e-9);
}

void check_options(const DatasetOptions& options) {
  constexpr int kMaxScenes = 100000;
  if (options.scenes < 1 || options.scenes > kMaxScenes) {
    throw UsageError(
        fmt::format("synthetic scenes: number of scenes is {}, wanted 1 to {}", options.scenes, kMaxScenes));
  }
  const double night = options.night_fraction;
  if (std::isnan(night) || night < 0 || night > 1) {
    throw UsageError(fmt::format("synthetic scenes: night fraction is {}, wanted 0 to 1", night));
  }
}

}  // namespace

std::vector<std::filesystem::path> write_synthetic_dataset(const std::filesystem::path& folder,
                                                           const DatasetOptions& options) {
  check_options(options);
  make_folder(folder);
  std::vector<std::filesystem::path> files;
  for (int i = 0; i < options.scenes; ++i) {
    const char* light = is_night(i, options.night_fraction) ? "night" : "day";
    files.push_back(folder / fmt::format("S3A_SYNTH_{}_{:04}_{}.hdf", options.seed, i, light));
  }
  const auto write = [&](std::size_t i) {
    SyntheticOptions scene_options{options.height_px, options.width_px, mix_seed({options.seed, i}),
                                   is_night(static_cast<int>(i), options.night_fraction), options.variation};
    SyntheticScene synthetic = make_synthetic_scene(scene_options);
    synthetic.scene.name = files[i].filename().string();
    WriteOptions write_options;
    write_options.reflectance_500m = options.reflectance_500m;
    write_options.full = options.full;
    write_scene(files[i], synthetic.scene, synthetic.extras, write_options);
  };
  parallel_for(files.size(), write, options.threads);
  return files;
}

}  // namespace cloudmask
