#include "cloudmask/scene/scene_reader.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <optional>

#include "cloudmask/base/error.h"
#include "cloudmask/scene/hdf5_io.h"
#include "cloudmask/scene/raster.h"

namespace cloudmask {

namespace fs = std::filesystem;

namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

struct Range {
  float low;
  float high;
};
// Wider than anything physical, narrower than any fill value: calibration noise makes dark reflectance slightly
// negative, sun glint and low sun push it above 1; the packing of the products ends at 611 K only for fire channels,
// and no cloud top is colder than 150 K.
constexpr Range kReflectance = {-1.0F, 10.0F};
constexpr Range kBrightnessTemperature_k = {150.0F, 400.0F};

void drop_outside(std::vector<float>& values, Range range) {
  for (float& value : values) {
    if (!(value >= range.low && value <= range.high)) value = kNaN;
  }
}

// The datasets of one file, checked against each other.
struct SceneRasters {
  Raster temperature;
  Raster reflectance;
  std::optional<Raster> label;
  std::optional<Raster> truth;
  std::optional<Raster> surface;
};

std::string size_of(const Raster& raster) { return fmt::format("{} x {} px", raster.height_px(), raster.width_px()); }

void require_size(const fs::path& file, const Raster& raster, const std::string& name, int factor,
                  const Raster& temperature) {
  if (raster.height_px() == factor * temperature.height_px() && raster.width_px() == factor * temperature.width_px()) {
    return;
  }
  throw Error(fmt::format("{}: dataset {} has {}, wanted {} x {} px as bts has {}", file.string(), name,
                          size_of(raster), factor * temperature.height_px(), factor * temperature.width_px(),
                          size_of(temperature)));
}

// Reflectance pixels along one side of a 1 km pixel.
int reflectance_factor(const Raster& reflectance, const Raster& temperature, ReflectanceGrid grid) {
  if (grid == ReflectanceGrid::k1Km) return 1;
  if (grid == ReflectanceGrid::k500M) return 2;
  return reflectance.height_px() == temperature.height_px() ? 1 : 2;
}

std::optional<Raster> optional_raster(const fs::path& file, hid_t file_id, const std::string& name, bool wanted,
                                      const Raster& temperature) {
  if (!wanted || !Raster::exists(file_id, name)) return std::nullopt;
  Raster raster(file, file_id, {name, 1});
  require_size(file, raster, name, 1, temperature);
  return raster;
}

SceneRasters open_rasters(const fs::path& file, hid_t file_id, const ReadOptions& options) {
  Raster temperature(file, file_id, {"bts", kBrightnessTemperatureBands});
  Raster reflectance(file, file_id, {"refs", kReflectanceBands});
  require_size(file, reflectance, "refs", reflectance_factor(reflectance, temperature, options.reflectance_grid),
               temperature);
  if (options.need_label && !Raster::exists(file_id, "bayes")) {
    throw Error(fmt::format("{}: dataset bayes is missing; training needs labels", file.string()));
  }
  auto label = optional_raster(file, file_id, "bayes", options.want_label || options.need_label, temperature);
  auto truth = optional_raster(file, file_id, "truth", options.want_truth, temperature);
  auto surface = optional_raster(file, file_id, "surface", options.want_truth, temperature);
  return {std::move(temperature), std::move(reflectance), std::move(label), std::move(truth), std::move(surface)};
}

// Mean of the valid ones among the 2x2 values of 500 m in each pixel of 1 km.
std::vector<float> average_2x2(const std::vector<float>& fine, int height_px, int width_px) {
  constexpr std::size_t kBands = kReflectanceBands;
  const std::size_t fine_row = 2 * static_cast<std::size_t>(width_px) * kBands;
  std::vector<float> coarse(fine.size() / 4);
  for (std::size_t y = 0; y < static_cast<std::size_t>(height_px); ++y) {
    for (std::size_t x = 0; x < static_cast<std::size_t>(width_px); ++x) {
      const float* corner = &fine[2 * y * fine_row + 2 * x * kBands];
      float* out = &coarse[(y * static_cast<std::size_t>(width_px) + x) * kBands];
      for (std::size_t band = 0; band < kBands; ++band) {
        float sum = 0;
        int valid = 0;
        for (const std::size_t offset : {std::size_t{0}, kBands, fine_row, fine_row + kBands}) {
          const float value = corner[offset + band];
          if (std::isnan(value)) continue;
          sum += value;
          ++valid;
        }
        out[band] = valid == 0 ? kNaN : sum / static_cast<float>(valid);
      }
    }
  }
  return coarse;
}

std::vector<std::uint8_t> binary_raster(const std::optional<Raster>& raster) {
  std::vector<std::uint8_t> codes;
  if (!raster) return codes;
  const std::vector<float> values = raster->read();
  codes.reserve(values.size());
  for (const float value : values) codes.push_back(std::isnan(value) ? kUnknown : value > 0 ? kCloud : kClear);
  return codes;
}

std::vector<std::uint8_t> surface_raster(const std::optional<Raster>& raster) {
  std::vector<std::uint8_t> codes;
  if (!raster) return codes;
  const std::vector<float> values = raster->read();
  codes.reserve(values.size());
  for (const float value : values) {
    const bool known = value >= 0 && value <= static_cast<float>(Surface::kSeaIce);
    codes.push_back(known ? static_cast<std::uint8_t>(value) : static_cast<std::uint8_t>(Surface::kNotKnown));
  }
  return codes;
}

void require_valid_pixel(const fs::path& file, const Scene& scene) {
  for (std::size_t pixel = 0; pixel < scene.pixels(); ++pixel) {
    if (!pixel_missing(scene, pixel)) return;
  }
  throw Error(fmt::format("{}: dataset bts has no pixel with valid S8 and S9, wanted at least one between {} and {} K",
                          file.string(), kBrightnessTemperature_k.low, kBrightnessTemperature_k.high));
}

}  // namespace

Scene read_scene(const fs::path& file, const ReadOptions& options) {
  Scene scene;
  scene.name = file.filename().string();
  const Hdf5Lock lock;
  const Hdf5Handle opened = open_hdf5_file(file);
  const SceneRasters rasters = open_rasters(file, opened.get(), options);
  scene.height_px = rasters.temperature.height_px();
  scene.width_px = rasters.temperature.width_px();
  scene.brightness_temperature_k = rasters.temperature.read();
  drop_outside(scene.brightness_temperature_k, kBrightnessTemperature_k);
  require_valid_pixel(file, scene);
  scene.reflectance = rasters.reflectance.read();
  drop_outside(scene.reflectance, kReflectance);
  if (rasters.reflectance.height_px() != scene.height_px) {
    scene.reflectance = average_2x2(scene.reflectance, scene.height_px, scene.width_px);
  }
  scene.label = binary_raster(rasters.label);
  scene.truth = binary_raster(rasters.truth);
  scene.surface = surface_raster(rasters.surface);
  return scene;
}

SceneInfo inspect_scene(const fs::path& file, const ReadOptions& options) {
  const Hdf5Lock lock;
  const Hdf5Handle opened = open_hdf5_file(file);
  const SceneRasters rasters = open_rasters(file, opened.get(), options);
  SceneInfo info;
  info.height_px = rasters.temperature.height_px();
  info.width_px = rasters.temperature.width_px();
  info.reflectance_500m = rasters.reflectance.height_px() != rasters.temperature.height_px();
  info.has_label = rasters.label.has_value();
  info.has_truth = rasters.truth.has_value();
  info.layout = rasters.reflectance.layout();
  return info;
}

}  // namespace cloudmask
