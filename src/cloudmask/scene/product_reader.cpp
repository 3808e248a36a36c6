#include "cloudmask/scene/product_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "cloudmask/base/error.h"
#include "cloudmask/base/parallel_for.h"
#include "cloudmask/scene/packed_raster.h"
#include "cloudmask/scene/pixel_values.h"
#include "cloudmask/scene/product.h"
#include "cloudmask/scene/product_files.h"
#include "cloudmask/scene/product_folder.h"

namespace cloudmask {

namespace fs = std::filesystem;

namespace {

using Floats = UninitialisedVector<float>;

// Those that are there, all at once: each thread takes the next piece of whichever it is.
void read_all(const std::vector<PackedRaster*>& rasters, int threads) {
  struct Piece {
    PackedRaster* raster;
    std::size_t number;
  };
  std::vector<Piece> pieces;
  for (PackedRaster* raster : rasters) {
    for (std::size_t i = 0; raster != nullptr && i < raster->pieces(); ++i) pieces.push_back({raster, i});
  }
  ReadingRooms rooms;
  const auto read = [&](std::size_t i) { pieces[i].raster->read(pieces[i].number, *rooms.lend()); };
  parallel_for(pieces.size(), read, threads);
}

std::optional<PackedRaster> packed(const std::optional<RasterValues>& raster) {
  return raster ? std::optional<PackedRaster>(*raster) : std::nullopt;
}

PackedRaster* address(std::optional<PackedRaster>& raster) { return raster ? &*raster : nullptr; }

bool not_populated(const std::vector<std::uint8_t>& codes) {
  return std::all_of(codes.begin(), codes.end(), [](std::uint8_t code) { return code == kUnknown; });
}

struct PackedChannel {
  explicit PackedChannel(const ProductChannel& channel) : values(channel.values), exceptions(channel.exceptions) {}
  PackedRaster values;
  PackedRaster exceptions;
};

struct PackedTies {
  explicit PackedTies(const ProductTies& ties) : place(ties), values(ties.values) {}
  const ProductTies& place;
  PackedRaster values;
};

// What one thread needs for a row of the 1 km grid.
struct RowRoom {
  explicit RowRoom(const ProductValues& values)
      : radiance(2 * values.fine.width_px),
        exception(2 * values.fine.width_px),
        detector(2 * values.fine.width_px),
        plane(values.width_px),
        numbers(std::max(values.fine.width_px, values.width_px)),
        per_cosine(values.width_px) {}
  Floats radiance;  // of two rows of 500 m, as the next two
  Floats exception;
  UninitialisedVector<std::uint8_t> detector;
  Floats plane;  // of one channel
  Floats numbers;
  Floats per_cosine;
};

class ProductReader {
 public:
  ProductReader(const ProductValues& values, const ReadOptions& options)
      : values_(values),
        options_(options),
        width_(values.width_px),
        radiance_(values.radiance.begin(), values.radiance.end()),
        temperature_(values.temperature.begin(), values.temperature.end()),
        detector_(packed(values.detector)),
        sun_zenith_(values.sun_zenith),
        latitude_(packed(values.latitude)),
        longitude_(packed(values.longitude)),
        bayes_(packed(values.bayes)),
        confidence_(packed(values.confidence)) {
    if (values.view_zenith) view_zenith_.emplace(*values.view_zenith);
  }

  void read_into(Scene& scene) {
    std::vector<PackedRaster*> rasters = {address(detector_),  &sun_zenith_.values, address(latitude_),
                                          address(longitude_), address(bayes_),     address(confidence_)};
    if (view_zenith_) rasters.push_back(&view_zenith_->values);
    for (auto* channels : {&radiance_, &temperature_}) {
      for (PackedChannel& channel : *channels) rasters.insert(rasters.end(), {&channel.values, &channel.exceptions});
    }
    read_all(rasters, options_.threads);
    make_room(scene);
    constexpr std::size_t kBandRows = 16;
    const auto make_band = [&](std::size_t band) {
      RowRoom room(values_);
      const std::size_t end = std::min(values_.height_px, (band + 1) * kBandRows);
      for (std::size_t row = band * kBandRows; row < end; ++row) make_row(row, room, scene);
    };
    parallel_for((values_.height_px + kBandRows - 1) / kBandRows, make_band, options_.threads);
    if (not_populated(scene.label)) scene.label.clear();
  }

 private:
  void make_room(Scene& scene) const {
    const std::size_t pixels = values_.height_px * width_;
    Geolocation& geolocation = scene.geolocation;
    scene.reflectance.resize(pixels * kReflectanceBands);
    scene.brightness_temperature_k.resize(pixels * kBrightnessTemperatureBands);
    geolocation.sun_zenith_deg.resize(pixels);
    if (view_zenith_) geolocation.view_zenith_deg.resize(pixels);
    if (latitude_) geolocation.latitude_deg.resize(pixels);
    if (longitude_) geolocation.longitude_deg.resize(pixels);
    if (bayes_) scene.label.resize(pixels);
    if (confidence_) {
      scene.surface.resize(pixels);
      scene.summary.resize(pixels);
    }
  }

  template <typename Vector>
  auto row_of(Vector& plane, std::size_t row) const {
    return std::span(plane.data() + row * width_, width_);
  }

  void make_row(std::size_t row, RowRoom& room, Scene& scene) const {
    Geolocation& geolocation = scene.geolocation;
    const auto sun_zenith_deg = row_of(geolocation.sun_zenith_deg, row);
    spread_ties(sun_zenith_, row, room.numbers, sun_zenith_deg);
    if (view_zenith_) spread_ties(*view_zenith_, row, room.numbers, row_of(geolocation.view_zenith_deg, row));
    if (latitude_) latitude_->copy_row(row, row_of(geolocation.latitude_deg, row).data());
    if (longitude_) longitude_->copy_row(row, row_of(geolocation.longitude_deg, row).data());
    if (bayes_) make_label(row, room.numbers, scene.label);
    if (confidence_) {
      confidence_->copy_row(row, room.numbers.data());
      confidence_surface(room.numbers, row_of(scene.surface, row));
      summary_codes(room.numbers, row_of(scene.summary, row));
    }
    reciprocal_cosine(sun_zenith_deg, room.per_cosine);
    make_reflectance(row, room, &scene.reflectance[row * width_ * kReflectanceBands]);
    make_temperature(row, room, &scene.brightness_temperature_k[row * width_ * kBrightnessTemperatureBands]);
  }

  void make_label(std::size_t row, Floats& numbers, std::vector<std::uint8_t>& label) const {
    bayes_->copy_row(row, numbers.data());
    bayes_codes(numbers, row_of(label, row));
  }

  void spread_ties(const PackedTies& ties, std::size_t row, Floats& numbers, std::span<float> out) const {
    const RasterValues& values = ties.place.values;
    const std::ptrdiff_t tie_row = static_cast<std::ptrdiff_t>(row) - ties.place.first_row;
    const bool there = tie_row >= 0 && tie_row < static_cast<std::ptrdiff_t>(values.height_px());
    numbers.resize(std::max(numbers.size(), values.row_values()));
    if (there) ties.values.copy_row(static_cast<std::size_t>(tie_row), numbers.data());
    spread_tie_points({numbers.data(), there ? values.row_values() : 0}, ties.place.first_px, out);
  }

  // [W,6]: what the radiance of the two rows of 500 m below is under the sun of this one.
  void make_reflectance(std::size_t row, RowRoom& room, float* reflectance) const {
    const FineGrid& grid = values_.fine;
    const std::ptrdiff_t first = grid.first_row + 2 * static_cast<std::ptrdiff_t>(row);
    const auto inside = [&](std::ptrdiff_t fine_row) {
      return std::clamp<std::ptrdiff_t>(fine_row, 0, static_cast<std::ptrdiff_t>(grid.height_px));
    };
    const auto begin = static_cast<std::size_t>(inside(first));
    const auto end = static_cast<std::size_t>(inside(first + 2));
    const FineGrid there{.height_px = end - begin,
                         .width_px = grid.width_px,
                         .first_row = first - static_cast<std::ptrdiff_t>(begin),
                         .first_column = grid.first_column};
    if (detector_) copy_detector(begin, end, room);
    for (std::size_t band = 0; band < radiance_.size(); ++band) {
      for (std::size_t fine_row = begin; fine_row < end; ++fine_row) {
        const std::size_t at = (fine_row - begin) * grid.width_px;
        radiance_[band].values.copy_row(fine_row, &room.radiance[at]);
        radiance_[band].exceptions.copy_row(fine_row, &room.exception[at]);
      }
      average_fine_row({.radiance = room.radiance.data(),
                        .exception = room.exception.data(),
                        .detector = detector_ ? room.detector.data() : nullptr,
                        .gains = &values_.gains[band]},
                       there, 0, room.plane);
      for (std::size_t i = 0; i < width_; ++i)
        reflectance[i * kReflectanceBands + band] = room.plane[i] * room.per_cosine[i];
    }
    keep_in_range(reflectance, width_ * kReflectanceBands, kReflectance, reflectance);
  }

  void copy_detector(std::size_t begin, std::size_t end, RowRoom& room) const {
    const std::size_t fine_width = values_.fine.width_px;
    for (std::size_t row = begin; row < end; ++row) {
      detector_->copy_row(row, room.numbers.data());
      std::uint8_t* const out = &room.detector[(row - begin) * fine_width];
      for (std::size_t i = 0; i < fine_width; ++i) {
        constexpr float kLast = 255;
        const float found = room.numbers[i];
        out[i] = static_cast<std::uint8_t>(found >= 0 && found < kLast ? found : kLast);
      }
    }
  }

  // [W,3]
  void make_temperature(std::size_t row, RowRoom& room, float* temperature_k) const {
    for (std::size_t band = 0; band < temperature_.size(); ++band) {
      temperature_[band].values.copy_row(row, room.plane.data());
      temperature_[band].exceptions.copy_row(row, room.numbers.data());
      drop_exceptions(room.numbers, room.plane);
      for (std::size_t i = 0; i < width_; ++i) temperature_k[i * kBrightnessTemperatureBands + band] = room.plane[i];
    }
    keep_in_range(temperature_k, width_ * kBrightnessTemperatureBands, kBrightnessTemperature_k, temperature_k);
  }

  const ProductValues& values_;
  const ReadOptions& options_;
  std::size_t width_;
  std::vector<PackedChannel> radiance_;
  std::vector<PackedChannel> temperature_;
  std::optional<PackedRaster> detector_;
  PackedTies sun_zenith_;
  std::optional<PackedTies> view_zenith_;
  std::optional<PackedRaster> latitude_;
  std::optional<PackedRaster> longitude_;
  std::optional<PackedRaster> bayes_;
  std::optional<PackedRaster> confidence_;
};

// Of all rasters this one alone is read.
bool has_label(const ProductValues& values, int threads) {
  if (!values.bayes) return false;
  PackedRaster bayes(*values.bayes);
  read_all({&bayes}, threads);
  Floats numbers(values.width_px);
  std::vector<std::uint8_t> codes(values.width_px);
  for (std::size_t row = 0; row < values.height_px; ++row) {
    bayes.copy_row(row, numbers.data());
    bayes_codes(numbers, codes);
    if (!not_populated(codes)) return true;
  }
  return false;
}

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
  if (!options.want_angles) scene.geolocation.sun_zenith_deg = {};
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
  info.has_label = has_label(values, options.threads);
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
