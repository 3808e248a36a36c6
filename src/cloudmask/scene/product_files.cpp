#include "cloudmask/scene/product_files.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <utility>

#include "cloudmask/base/error.h"
#include "cloudmask/base/log.h"
#include "cloudmask/scene/hdf5_io.h"
#include "cloudmask/scene/product.h"
#include "cloudmask/scene/raster.h"

namespace cloudmask {

namespace fs = std::filesystem;

namespace {

// What a channel takes to become reflectance where the product does not say.
struct SolarChannel {
  const char* name;
  float irradiance;  // mW m-2 nm-1: defaults of SNAP's SLSTR reader
  float nadir;       // adjustment of the radiance in this view: EUMETSAT, S3.PN-SLSTR-L1.08 and .10
  float oblique;
};
constexpr std::array<SolarChannel, kReflectanceBands> kSolar = {{{"S1", 1837.39F, 0.97F, 0.94F},
                                                                 {"S2", 1525.94F, 0.98F, 0.95F},
                                                                 {"S3", 956.17F, 0.98F, 0.95F},
                                                                 {"S4", 365.90F, 1.00F, 1.00F},
                                                                 {"S5", 248.33F, 1.11F, 1.04F},
                                                                 {"S6", 78.33F, 1.13F, 1.07F}}};
constexpr std::array<const char*, kBrightnessTemperatureBands> kThermal = {"S7", "S8", "S9"};
constexpr int kFirstAdjustedBaseline = 5;  // its radiances contain the adjustment
// Whose size and place the others of the grid are held against; the view is their last letter.
constexpr const char* kReference = "S8_BT_i";
constexpr const char* kFineReference = "S1_radiance_a";

// One netCDF file. Hold an Hdf5Lock while one lives.
class NetcdfFile {
 public:
  NetcdfFile(const fs::path& folder, const std::string& name) : path_(folder / name), id_(open()) {
    bytes_ = bytes_of(id_, path_);
  }

  const fs::path& path() const { return path_; }
  hid_t id() const { return id_.get(); }
  bool has(const std::string& variable) const { return Raster::exists(id_.get(), variable); }
  std::string text(const char* attribute) const { return read_text_attribute(id_.get(), attribute, ""); }

  // Of the first row or column of its grid, in pixels of it.
  std::ptrdiff_t offset_px(const char* attribute) const {
    constexpr double kLimit = 1e9;
    const double value = read_number_attribute(id_.get(), attribute, std::numeric_limits<double>::quiet_NaN());
    if (!(std::abs(value) < kLimit) || value != std::trunc(value)) {
      throw Error(fmt::format("{}: attribute {} is missing or no whole number; wanted the grid's place", path_.string(),
                              attribute));
    }
    return static_cast<std::ptrdiff_t>(value);
  }

  RasterValues values(const std::string& variable, const ReadOptions& options) const {
    return Raster(path_, id_.get(), {variable, 1}).values(bytes_, options.through_hdf5);
  }

 private:
  Hdf5Handle open() const {
    std::error_code fault;
    if (!fs::exists(path_, fault) && !fault) {
      throw Error(fmt::format("{}: is missing; the product is incomplete, get it again", path_.string()));
    }
    return open_hdf5_file(path_);
  }

  fs::path path_;
  Hdf5Handle id_;
  std::shared_ptr<const ReadOnlyFile> bytes_;
};

class ProductOpener {
 public:
  ProductOpener(const fs::path& folder, const fs::path& product, const ReadOptions& options)
      : folder_(folder), product_(product), options_(options), reference_(folder, file_name(kReference)) {
    const RasterValues size = reference_.values(named(kReference), options);
    height_px_ = size.height_px();
    width_px_ = size.row_values();
  }

  ProductValues open() const {
    const int baseline = find_baseline();
    const FineGrid fine = fine_grid();
    ProductValues values{.height_px = height_px_,
                         .width_px = width_px_,
                         .start_time = reference_.text("start_time"),
                         .stop_time = reference_.text("stop_time"),
                         .fine = fine,
                         .radiance = {},
                         .temperature = {},
                         .gains = {},
                         .detector = detector(fine),
                         .sun_zenith = ties("solar_zenith_t"),
                         .view_zenith = {},
                         .latitude = {},
                         .longitude = {},
                         .bayes = {},
                         .confidence = {}};
    for (const SolarChannel& channel : kSolar) {
      const std::string radiance = fmt::format("{}_radiance_a", channel.name);
      const NetcdfFile file(folder_, file_name(radiance));
      values.radiance.push_back({raster(file, named(radiance), fine),
                                 raster(file, named(fmt::format("{}_exception_a", channel.name)), fine)});
      values.gains.push_back(gains(channel, baseline));
    }
    for (const char* channel : kThermal) {
      const std::string temperature = fmt::format("{}_BT_i", channel);
      const NetcdfFile file(folder_, file_name(temperature));
      values.temperature.push_back(
          {raster(file, named(temperature)), raster(file, named(fmt::format("{}_exception_i", channel)))});
    }
    if (options_.want_angles) values.view_zenith = ties("sat_zenith_t");
    open_geodetic(values);
    open_flags(values);
    return values;
  }

 private:
  std::string named(const std::string& name) const { return in_view(name, options_.view); }
  std::string file_name(const std::string& name) const { return named(name) + ".nc"; }

  // From the file itself, for the folder may have been renamed.
  int find_baseline() const {
    for (const std::string& name : {reference_.text("product_name"), product_.filename().string()}) {
      require_level_1(product_, name);
      if (const auto parsed = parse_product_name(name)) return parsed->baseline;
    }
    throw Error(
        fmt::format("{}: neither attribute product_name nor the name of {} tells the processing baseline, wanted "
                    "S3..._SL_1_RBT_..._<baseline>.SEN3",
                    reference_.path().string(), product_.string()));
  }

  FineGrid fine_grid() const {
    constexpr std::ptrdiff_t kFarthest_px = 64;
    const NetcdfFile file(folder_, file_name(kFineReference));
    const RasterValues values = file.values(named(kFineReference), options_);
    const FineGrid grid{.height_px = values.height_px(),
                        .width_px = values.row_values(),
                        .first_row = 2 * reference_.offset_px("start_offset") - file.offset_px("start_offset"),
                        .first_column = file.offset_px("track_offset") - 2 * reference_.offset_px("track_offset")};
    if (std::abs(grid.first_row) > kFarthest_px || std::abs(grid.first_column) > kFarthest_px) {
      throw Error(
          fmt::format("{}: lies {} rows and {} columns of 500 m from {}, wanted the same place: start_offset or "
                      "track_offset is damaged",
                      file.path().string(), grid.first_row, grid.first_column, file_name(kReference)));
    }
    return grid;
  }

  void require_size(const NetcdfFile& file, const std::string& variable, const RasterValues& values,
                    std::size_t height_px, std::size_t width_px, const char* as) const {
    if (values.height_px() == height_px && values.row_values() == width_px) return;
    throw Error(fmt::format("{}: variable {} has {} x {} px, wanted {} x {} as {} has", file.path().string(), variable,
                            values.height_px(), values.row_values(), height_px, width_px, named(as)));
  }

  RasterValues raster(const NetcdfFile& file, const std::string& variable) const {
    RasterValues values = file.values(variable, options_);
    require_size(file, variable, values, height_px_, width_px_, kReference);
    return values;
  }

  RasterValues raster(const NetcdfFile& file, const std::string& variable, const FineGrid& grid) const {
    RasterValues values = file.values(variable, options_);
    require_size(file, variable, values, grid.height_px, grid.width_px, kFineReference);
    return values;
  }

  ProductTies ties(const char* variable) const {
    const NetcdfFile file(folder_, file_name("geometry_t"));
    return {.values = file.values(named(variable), options_),
            .first_row = file.offset_px("start_offset") - reference_.offset_px("start_offset"),
            .first_px = reference_.offset_px("track_offset") - kTieSpacing_px * file.offset_px("track_offset")};
  }

  bool has_file(const std::string& name) const {
    std::error_code fault;
    return fs::exists(folder_ / name, fault);
  }

  std::optional<RasterValues> detector(const FineGrid& grid) const {
    const std::string name = file_name("indices_a");
    if (!has_file(name)) {
      log_warning(
          fmt::format("{}: {} is missing; takes the mean solar irradiance of the detectors", product_.string(), name));
      return std::nullopt;
    }
    return raster(NetcdfFile(folder_, name), named("detector_a"), grid);
  }

  DetectorGains gains(const SolarChannel& channel, int baseline) const {
    const std::string name = file_name(fmt::format("{}_quality_a", channel.name));
    std::vector<float> irradiance;
    if (has_file(name)) {
      const NetcdfFile file(folder_, name);
      irradiance = read_number_list(file.id(), named(fmt::format("{}_solar_irradiance_a", channel.name)));
    }
    if (irradiance.empty()) {
      log_warning(fmt::format("{}: {} gives no solar irradiance; takes {} mW m-2 nm-1", product_.string(), name,
                              channel.irradiance));
    }
    const float adjustment = options_.view == View::kNadir ? channel.nadir : channel.oblique;
    return detector_gains(irradiance, channel.irradiance, baseline < kFirstAdjustedBaseline ? adjustment : 1.0F);
  }

  void open_geodetic(ProductValues& values) const {
    if (!options_.want_geolocation) return;
    const NetcdfFile file(folder_, file_name("geodetic_i"));
    values.latitude = raster(file, named("latitude_i"));
    values.longitude = raster(file, named("longitude_i"));
  }

  void open_flags(ProductValues& values) const {
    const std::string name = file_name("flags_i");
    const std::string bayes = named("bayes_i");
    const std::string confidence = named("confidence_i");
    const bool want_label = options_.want_label || options_.need_label;
    if (!options_.need_label && !has_file(name)) return;
    if (!want_label && !options_.want_truth) return;
    const NetcdfFile file(folder_, name);
    if (options_.need_label || (want_label && file.has(bayes))) values.bayes = raster(file, bayes);
    if (options_.want_truth && file.has(confidence)) values.confidence = raster(file, confidence);
  }

  fs::path folder_;
  fs::path product_;
  ReadOptions options_;
  NetcdfFile reference_;
  std::size_t height_px_ = 0;
  std::size_t width_px_ = 0;
};

}  // namespace

std::vector<std::string> product_file_names(View view) {
  std::vector<std::string> names = {"geometry_t", "geodetic_i", "flags_i", "indices_a"};
  for (const SolarChannel& channel : kSolar) {
    names.push_back(fmt::format("{}_radiance_a", channel.name));
    names.push_back(fmt::format("{}_quality_a", channel.name));
  }
  for (const char* channel : kThermal) names.push_back(fmt::format("{}_BT_i", channel));
  for (std::string& name : names) name = in_view(name, view) + ".nc";
  return names;
}

ProductValues locate_product(const fs::path& folder, const fs::path& product, const ReadOptions& options) {
  const Hdf5Lock lock;
  return ProductOpener(folder, product, options).open();
}

}  // namespace cloudmask
