#include "cloudmask/scene/product_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>

#include "cloudmask/base/error.h"
#include "cloudmask/base/object_pool.h"
#include "cloudmask/base/parallel_for.h"
#include "cloudmask/scene/pixel_values.h"
#include "cloudmask/scene/product.h"
#include "cloudmask/scene/product_files.h"
#include "cloudmask/scene/product_folder.h"

namespace cloudmask {

namespace fs = std::filesystem;

namespace {

using Floats = UninitialisedVector<float>;

// Whole rasters, read by one thread each, into memory that is kept for the next.
class WholeRasters {
 public:
  ObjectPool<Floats>::Loan lend() { return memory_.lend(); }

  std::span<const float> read(const RasterValues& raster, Floats& room) {
    const std::size_t count = raster.height_px() * raster.row_values();
    room.resize(std::max(room.size(), count));
    for (std::size_t band = 0; band < raster.bands(); ++band) {
      float* const place = room.data() + band * raster.band_rows() * raster.row_values();
      const float* const found = raster.band(band, place, rooms_, /*threads=*/1);
      if (found != place) std::memcpy(place, found, raster.rows_of(band) * raster.row_values() * sizeof(float));
    }
    return {room.data(), count};
  }

 private:
  ReadingRooms rooms_;
  ObjectPool<Floats> memory_;
};

class ProductReader {
 public:
  ProductReader(const ProductValues& values, const ReadOptions& options)
      : values_(values), options_(options), pixels_(values.height_px * values.width_px) {}

  void read_into(Scene& scene) {
    read_geometry(scene);
    read_channels();
    join_channels(scene);
    if (!options_.want_angles) scene.geolocation.sun_zenith_deg = {};
  }

  // Empty where the provider has not populated it.
  std::vector<std::uint8_t> label() {
    std::vector<std::uint8_t> codes(pixels_);
    const auto room = rasters_.lend();
    bayes_codes(rasters_.read(*values_.bayes, *room), codes);
    if (std::all_of(codes.begin(), codes.end(), [](std::uint8_t code) { return code == kUnknown; })) codes.clear();
    return codes;
  }

 private:
  void run(const std::vector<std::function<void()>>& work) {
    parallel_for(
        work.size(), [&](std::size_t i) { work[i](); }, options_.threads);
  }

  std::span<const float> row_of(const Floats& plane, std::size_t row) const {
    return {plane.data() + row * values_.width_px, values_.width_px};
  }
  std::span<float> row_of(Floats& plane, std::size_t row) const {
    return {plane.data() + row * values_.width_px, values_.width_px};
  }

  // All that the channels need first, and what is as small.
  void read_geometry(Scene& scene) {
    Geolocation& geolocation = scene.geolocation;
    std::vector<std::function<void()>> work;
    if (values_.detector) work.push_back([this] { read_detector(); });
    work.push_back([&, this] { read_ties(values_.sun_zenith, geolocation.sun_zenith_deg); });
    if (values_.view_zenith)
      work.push_back([&, this] { read_ties(*values_.view_zenith, geolocation.view_zenith_deg); });
    const auto add_plane = [&, this](const std::optional<RasterValues>& raster, Floats& out) {
      if (raster) work.push_back([&, this] { rasters_.read(*raster, out); });
    };
    add_plane(values_.latitude, geolocation.latitude_deg);
    add_plane(values_.longitude, geolocation.longitude_deg);
    if (values_.bayes) work.push_back([&, this] { scene.label = label(); });
    if (values_.confidence) {
      work.push_back([&, this] {
        const auto room = rasters_.lend();
        const auto flags = rasters_.read(*values_.confidence, *room);
        scene.surface.resize(pixels_);
        confidence_surface(flags, scene.surface);
        scene.summary.resize(pixels_);
        summary_codes(flags, scene.summary);
      });
    }
    run(work);
  }

  void read_detector() {
    const auto room = rasters_.lend();
    const auto found = rasters_.read(*values_.detector, *room);
    detector_.resize(found.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      constexpr float kLast = 255;
      detector_[i] = static_cast<std::uint8_t>(found[i] >= 0 && found[i] < kLast ? found[i] : kLast);
    }
  }

  void read_ties(const ProductTies& ties, Floats& out) {
    const auto room = rasters_.lend();
    const auto found = rasters_.read(ties.values, *room);
    const std::size_t tie_columns = ties.values.row_values();
    out.resize(pixels_);
    for (std::size_t row = 0; row < values_.height_px; ++row) {
      const std::ptrdiff_t tie_row = static_cast<std::ptrdiff_t>(row) - ties.first_row;
      const bool there = tie_row >= 0 && tie_row < static_cast<std::ptrdiff_t>(ties.values.height_px());
      const auto row_ties = there ? found.subspan(static_cast<std::size_t>(tie_row) * tie_columns, tie_columns)
                                  : std::span<const float>();
      spread_tie_points(row_ties, ties.first_px, row_of(out, row));
    }
  }

  void read_channels() {
    std::vector<std::function<void()>> work;
    for (std::size_t band = 0; band < values_.radiance.size(); ++band) {
      work.push_back([this, band] { read_radiance(band); });
    }
    for (std::size_t band = 0; band < values_.temperature.size(); ++band) {
      work.push_back([this, band] { read_temperature(band); });
    }
    run(work);
  }

  void read_radiance(std::size_t band) {
    const auto radiance_room = rasters_.lend();
    const auto exception_room = rasters_.lend();
    const ProductChannel& channel = values_.radiance[band];
    const FineChannel fine{.radiance = rasters_.read(channel.values, *radiance_room).data(),
                           .exception = rasters_.read(channel.exceptions, *exception_room).data(),
                           .detector = detector_.empty() ? nullptr : detector_.data(),
                           .gains = &values_.gains[band]};
    Floats& plane = reflectance_[band];
    plane.resize(pixels_);
    for (std::size_t row = 0; row < values_.height_px; ++row) {
      average_fine_row(fine, values_.fine, row, row_of(plane, row));
    }
  }

  void read_temperature(std::size_t band) {
    const auto room = rasters_.lend();
    const ProductChannel& channel = values_.temperature[band];
    Floats& plane = temperature_k_[band];
    rasters_.read(channel.values, plane);
    drop_exceptions(rasters_.read(channel.exceptions, *room), plane);
  }

  // One plane a channel becomes channels last, and reflectance in each row what it is under its sun.
  void join_channels(Scene& scene) {
    scene.reflectance.resize(pixels_ * kReflectanceBands);
    scene.brightness_temperature_k.resize(pixels_ * kBrightnessTemperatureBands);
    const auto join_row = [&](std::size_t row) {
      thread_local std::vector<float> per_cosine;
      per_cosine.resize(values_.width_px);
      reciprocal_cosine(row_of(scene.geolocation.sun_zenith_deg, row), per_cosine);
      const std::size_t first = row * values_.width_px;
      float* const reflectance = &scene.reflectance[first * kReflectanceBands];
      float* const temperature = &scene.brightness_temperature_k[first * kBrightnessTemperatureBands];
      for (std::size_t band = 0; band < kReflectanceBands; ++band) {
        const auto plane = row_of(reflectance_[band], row);
        for (std::size_t i = 0; i < plane.size(); ++i)
          reflectance[i * kReflectanceBands + band] = plane[i] * per_cosine[i];
      }
      for (std::size_t band = 0; band < kBrightnessTemperatureBands; ++band) {
        const auto plane = row_of(temperature_k_[band], row);
        for (std::size_t i = 0; i < plane.size(); ++i) temperature[i * kBrightnessTemperatureBands + band] = plane[i];
      }
      keep_in_range(reflectance, values_.width_px * kReflectanceBands, kReflectance, reflectance);
      keep_in_range(temperature, values_.width_px * kBrightnessTemperatureBands, kBrightnessTemperature_k, temperature);
    };
    parallel_for(values_.height_px, join_row, options_.threads);
  }

  const ProductValues& values_;
  const ReadOptions& options_;
  std::size_t pixels_;
  WholeRasters rasters_;
  UninitialisedVector<std::uint8_t> detector_;
  std::array<Floats, kReflectanceBands> reflectance_;  // times the cosine of the sun's zenith angle
  std::array<Floats, kBrightnessTemperatureBands> temperature_k_;
};

void require_valid(const fs::path& folder, const Scene& scene) {
  const Floats& sun = scene.geolocation.sun_zenith_deg;
  if (!sun.empty() && std::none_of(sun.begin(), sun.end(), [](float angle) { return angle >= 0; })) {
    throw Error(fmt::format("{}/{}.nc: variable {} has no valid value over the scene, wanted degrees", folder.string(),
                            in_view("geometry_t", scene.view), in_view("solar_zenith_t", scene.view)));
  }
  for (std::size_t pixel = 0; pixel < scene.pixels(); ++pixel) {
    if (!pixel_missing(scene, pixel)) return;
  }
  throw Error(fmt::format("{}: no pixel has valid {} and {}, wanted at least one between {} and {} K", folder.string(),
                          in_view("S8_BT_i", scene.view), in_view("S9_BT_i", scene.view), kBrightnessTemperature_k.low,
                          kBrightnessTemperature_k.high));
}

[[noreturn]] void refuse_without_label(const fs::path& folder, View view) {
  throw Error(fmt::format("{}/{}.nc: variable {} is not populated (255 everywhere); training needs labels",
                          folder.string(), in_view("flags_i", view), in_view("bayes_i", view)));
}

}  // namespace

Scene read_product(const fs::path& product, const ReadOptions& options) {
  const ProductFolder folder(product, options.view);
  const ProductValues values = locate_product(folder.path(), product, options);
  Scene scene;
  scene.name = product.filename().string();
  scene.view = options.view;
  scene.height_px = static_cast<int>(values.height_px);
  scene.width_px = static_cast<int>(values.width_px);
  scene.geolocation.start_time = values.start_time;
  scene.geolocation.stop_time = values.stop_time;
  ProductReader(values, options).read_into(scene);
  require_valid(folder.path(), scene);
  if (options.need_label && scene.label.empty()) refuse_without_label(folder.path(), options.view);
  return scene;
}

SceneInfo inspect_product(const fs::path& product, const ReadOptions& options) {
  const ProductFolder folder(product, options.view);
  const ProductValues values = locate_product(folder.path(), product, options);
  SceneInfo info;
  info.height_px = static_cast<int>(values.height_px);
  info.width_px = static_cast<int>(values.width_px);
  info.reflectance_500m = true;
  info.has_label = values.bayes && !ProductReader(values, options).label().empty();
  if (options.need_label && !info.has_label) refuse_without_label(folder.path(), options.view);
  info.layout = "ESA product SL_1_RBT";
  return info;
}

std::vector<fs::path> product_parts(const fs::path& product, View view) {
  std::error_code fault;
  if (!fs::is_directory(product, fault)) return {product};
  std::vector<fs::path> parts;
  for (const std::string& name : product_file_names(view)) {
    if (fs::exists(product / name, fault)) parts.push_back(product / name);
  }
  return parts;
}

}  // namespace cloudmask
