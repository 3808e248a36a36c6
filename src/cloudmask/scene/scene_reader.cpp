#include "cloudmask/scene/scene_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "cloudmask/base/error.h"
#include "cloudmask/base/parallel_for.h"
#include "cloudmask/scene/hdf5_io.h"
#include "cloudmask/scene/pixel_values.h"
#include "cloudmask/scene/product.h"
#include "cloudmask/scene/product_reader.h"
#include "cloudmask/scene/raster.h"

namespace cloudmask {

namespace fs = std::filesystem;

namespace {

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

void require_nadir(const fs::path& file, View view) {
  if (view == View::kNadir) return;
  throw Error(fmt::format("{}: holds the nadir view alone; view: oblique is for ESA's products", file.string()));
}

SceneRasters open_rasters(const fs::path& file, hid_t file_id, const ReadOptions& options) {
  Raster temperature(file, file_id, {"bts", kBrightnessTemperatureBands});
  require_nadir(file, options.view);
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

// What is left to read once the HDF5 library is done with a file.
struct SceneValues {
  RasterValues temperature;
  RasterValues reflectance;
  std::optional<RasterValues> label;
  std::optional<RasterValues> truth;
  std::optional<RasterValues> surface;
};

SceneValues locate_scene(const fs::path& file, const ReadOptions& options) {
  const Hdf5Lock lock;
  const Hdf5Handle opened = open_hdf5_file(file);
  const SceneRasters rasters = open_rasters(file, opened.get(), options);
  const auto bytes = bytes_of(opened, file);
  const auto values = [&](const Raster& raster) { return raster.values(bytes, options.through_hdf5); };
  const auto values_if_any = [&](const std::optional<Raster>& raster) {
    return raster ? std::optional(values(*raster)) : std::nullopt;
  };
  return {values(rasters.temperature), values(rasters.reflectance), values_if_any(rasters.label),
          values_if_any(rasters.truth), values_if_any(rasters.surface)};
}

// Bands of all rasters, done by several threads in any order.
class BandReader {
 public:
  explicit BandReader(int threads) : threads_(threads > 0 ? threads : available_threads()) {}

  /// take(values, rows, first row) gets each band; `room` holds the whole raster, or is nothing.
  template <typename Take>
  void add(const RasterValues& raster, float* room, Take take) {
    const int threads = raster.bands() < static_cast<std::size_t>(threads_) ? threads_ : 1;
    for (std::size_t band = 0; band < raster.bands(); ++band) {
      work_.push_back([this, &raster, room, take, threads, band] {
        const std::size_t first_row = band * raster.band_rows();
        const std::size_t rows = raster.rows_of(band);
        if (room != nullptr) {
          take(raster.band(band, room + first_row * raster.row_values(), rooms_, threads), rows, first_row);
          return;
        }
        const auto lent = bands_.lend();
        lent->resize(std::max(lent->size(), rows * raster.row_values()));
        take(raster.band(band, lent->data(), rooms_, threads), rows, first_row);
      });
    }
  }

  void run() {
    parallel_for(
        work_.size(), [this](std::size_t i) { work_[i](); }, threads_);
  }

 private:
  int threads_;
  std::vector<std::function<void()>> work_;
  ReadingRooms rooms_;
  ObjectPool<UninitialisedVector<float>> bands_;
};

void add_channels(BandReader& reader, const RasterValues& raster, ValueRange range, UninitialisedVector<float>& out) {
  out.resize(raster.height_px() * raster.row_values());
  reader.add(raster, out.data(), [&raster, &out, range](const float* values, std::size_t rows, std::size_t first_row) {
    keep_in_range(values, rows * raster.row_values(), range, out.data() + first_row * raster.row_values());
  });
}

void add_averaged(BandReader& reader, const RasterValues& fine, ValueRange range, UninitialisedVector<float>& out) {
  const std::size_t coarse_row = fine.row_values() / 2;
  out.resize(fine.height_px() / 2 * coarse_row);
  reader.add(fine, nullptr,
             [&fine, &out, range, coarse_row](const float* values, std::size_t rows, std::size_t first_row) {
               for (std::size_t row = 0; row < rows; row += 2) {
                 const float* const upper = values + row * fine.row_values();
                 average_2x2(upper, upper + fine.row_values(), coarse_row / kReflectanceBands, range,
                             out.data() + (first_row + row) / 2 * coarse_row);
               }
             });
}

using Coding = void (*)(const float* values, std::size_t count, std::uint8_t* out);

void add_codes(BandReader& reader, const std::optional<RasterValues>& raster, Coding code,
               std::vector<std::uint8_t>& out) {
  if (!raster) return;
  out.resize(raster->height_px() * raster->row_values());
  reader.add(*raster, nullptr, [&raster, &out, code](const float* values, std::size_t rows, std::size_t first_row) {
    code(values, rows * raster->row_values(), out.data() + first_row * raster->row_values());
  });
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
  if (is_product(file)) return read_product(file, options);
  const SceneValues values = locate_scene(file, options);
  Scene scene;
  scene.name = file.filename().string();
  scene.height_px = static_cast<int>(values.temperature.height_px());
  scene.width_px = static_cast<int>(values.temperature.row_values() / kBrightnessTemperatureBands);
  BandReader reader(options.threads);
  const bool fine = values.reflectance.height_px() != values.temperature.height_px();
  const auto add_reflectance = fine ? add_averaged : add_channels;
  add_reflectance(reader, values.reflectance, kReflectance, scene.reflectance);
  add_channels(reader, values.temperature, kBrightnessTemperature_k, scene.brightness_temperature_k);
  add_codes(reader, values.label, binary_codes, scene.label);
  add_codes(reader, values.truth, binary_codes, scene.truth);
  add_codes(reader, values.surface, surface_codes, scene.surface);
  reader.run();
  require_valid_pixel(file, scene);
  return scene;
}

std::vector<ByteRange> stored_ranges(const fs::path& file, const ReadOptions& options) {
  if (is_product(file)) {
    throw Error(fmt::format("{}: is a product of many files, wanted one HDF5 file", file.string()));
  }
  const Hdf5Lock lock;
  const Hdf5Handle opened = open_hdf5_file(file);
  const SceneRasters rasters = open_rasters(file, opened.get(), options);
  const auto bytes = bytes_of(opened, file);
  std::vector<ByteRange> ranges;
  const auto add = [&](const Raster& raster) {
    for (const ByteRange& range : raster.ranges(bytes)) ranges.push_back(range);
  };
  add(rasters.temperature);
  add(rasters.reflectance);
  for (const auto* raster : {&rasters.label, &rasters.truth, &rasters.surface}) {
    if (*raster) add(**raster);
  }
  return ranges;
}

std::vector<fs::path> scene_parts(const fs::path& scene, View view) {
  return is_product(scene) ? product_parts(scene, view) : std::vector{scene};
}

SceneInfo inspect_scene(const fs::path& file, const ReadOptions& options) {
  if (is_product(file)) return inspect_product(file, options);
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
