#include <cpl_vsi.h>
#include <fmt/format.h>
#include <gdal_frmts.h>
#include <gdal_priv.h>
#include <gdal_utils.h>

#include <array>
#include <cmath>
#include <limits>
#include <memory>

#include "cloudmask/base/error.h"
#include "cloudmask/base/version.h"
#include "cloudmask/scene/geotiff/gdal_errors.h"
#include "cloudmask/scene/geotiff/map_grid.h"
#include "cloudmask/scene/map_file.h"

namespace cloudmask {
namespace {

using Dataset = GDALDatasetUniquePtr;

constexpr float kNoData = std::numeric_limits<float>::quiet_NaN();
constexpr std::size_t kBands = 2;

// A name in GDAL's file system in memory, of one file at a time.
class MemoryFile {
 public:
  MemoryFile() : name_(fmt::format("/vsimem/{}.tif", fmt::ptr(this))) {}
  ~MemoryFile() { VSIUnlink(name_.c_str()); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  const char* name() const { return name_.c_str(); }
  std::string content() const {
    vsi_l_offset length = 0;
    const GByte* bytes = VSIGetMemFileBuffer(name_.c_str(), &length, /*bUnlinkAndSeize=*/FALSE);
    return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length)};
  }

 private:
  std::string name_;
};

[[noreturn]] void fail(const std::string& scene) {
  throw Error(fmt::format("{}: GDAL cannot make a map of it: {}", scene, GdalErrors::last()));
}

std::string wkt_of(const OGRSpatialReference& system) {
  char* text = nullptr;
  system.exportToWkt(&text);
  std::string wkt = text;
  CPLFree(text);
  return wkt;
}

// The places as a file of two bands, since what a swath's metadata name is opened by its name.
void write_places(const MemoryFile& file, const Places& places, const Mask& mask, const std::string& scene) {
  const Dataset dataset(GetGDALDriverManager()->GetDriverByName("GTiff")->Create(
      file.name(), mask.width_px, mask.height_px, kBands, GDT_Float64, nullptr));
  if (!dataset) fail(scene);
  const std::array<const std::vector<double>*, kBands> values = {&places.x, &places.y};
  for (std::size_t i = 0; i < kBands; ++i) {
    GDALRasterBand& band = *dataset->GetRasterBand(static_cast<int>(i) + 1);
    band.SetNoDataValue(kNowhere);
    if (band.RasterIO(GF_Write, 0, 0, mask.width_px, mask.height_px, const_cast<double*>(values[i]->data()),
                      mask.width_px, mask.height_px, GDT_Float64, 0, 0, nullptr) != CE_None) {
      fail(scene);
    }
  }
}

std::vector<float> classes_of(const Mask& mask, double threshold) {
  std::vector<float> classes;
  classes.reserve(mask.cloud_probability.size());
  for (const float probability : mask.cloud_probability) {
    const float known = static_cast<double>(probability) >= threshold ? 1 : 0;
    classes.push_back(std::isnan(probability) ? kNoData : known);
  }
  return classes;
}

// A view of the two rasters, which must outlive it, with the places of their pixels.
Dataset make_swath(const Mask& mask, const std::vector<float>& classes, const MemoryFile& places,
                   const std::string& wkt) {
  Dataset swath(GetGDALDriverManager()->GetDriverByName("MEM")->Create("", mask.width_px, mask.height_px, 0,
                                                                       GDT_Float32, nullptr));
  for (const float* values : {mask.cloud_probability.data(), classes.data()}) {
    const std::string pointer = fmt::format("DATAPOINTER={}", fmt::ptr(values));
    const std::array<const char*, 2> options = {pointer.c_str(), nullptr};
    swath->AddBand(GDT_Float32, const_cast<char**>(options.data()));
    swath->GetRasterBand(swath->GetRasterCount())->SetNoDataValue(kNoData);
  }
  for (const auto& [key, value] :
       std::initializer_list<std::pair<const char*, const char*>>{{"SRS", wkt.c_str()},
                                                                  {"X_DATASET", places.name()},
                                                                  {"X_BAND", "1"},
                                                                  {"Y_DATASET", places.name()},
                                                                  {"Y_BAND", "2"},
                                                                  {"PIXEL_OFFSET", "0"},
                                                                  {"PIXEL_STEP", "1"},
                                                                  {"LINE_OFFSET", "0"},
                                                                  {"LINE_STEP", "1"},
                                                                  {"GEOREFERENCING_CONVENTION", "PIXEL_CENTER"}}) {
    swath->SetMetadataItem(key, value, "GEOLOCATION");
  }
  return swath;
}

Dataset warp(GDALDataset& swath, const MapGrid& grid, const std::string& wkt, const MapFrame& frame,
             const std::string& scene) {
  const auto number = [](double value) { return fmt::format("{}", value); };
  std::vector<std::string> words = {"-of", "MEM", "-geoloc", "-t_srs", wkt, "-r", "near", "-dstnodata", "nan"};
  // Exact, not within an eighth of a pixel; the whole map at once, for parts are made of guessed parts of the swath.
  for (const char* word : {"-et", "0", "-wm", "2048", "-wo", "NUM_THREADS=ALL_CPUS"}) words.emplace_back(word);
  for (const std::string& word : {std::string("-tr"), number(grid.cell), number(grid.cell), std::string("-te"),
                                  number(frame.left), number(frame.bottom), number(frame.right), number(frame.top)}) {
    words.push_back(word);
  }
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const std::unique_ptr<GDALWarpAppOptions, decltype(&GDALWarpAppOptionsFree)> options(
      GDALWarpAppOptionsNew(pointers.data(), nullptr), GDALWarpAppOptionsFree);
  GDALDatasetH source = GDALDataset::ToHandle(&swath);
  Dataset map(GDALDataset::FromHandle(GDALWarp("", nullptr, 1, &source, options.get(), nullptr)));
  if (!map) fail(scene);
  return map;
}

void describe(GDALDataset& map, const MaskOrigin& origin, const Geolocation& geolocation) {
  const std::string threshold = fmt::format("{}", origin.threshold);
  map.SetMetadata(nullptr);
  for (const auto& [key, value] : std::initializer_list<std::pair<const char*, std::string>>{
           {"TIFFTAG_IMAGEDESCRIPTION", "Cloud mask of " + origin.scene},
           {"TIFFTAG_SOFTWARE", fmt::format("cloudmask {}", kVersion)},
           {"scene", origin.scene},
           {"view", std::string(to_string(origin.view))},
           {"method", origin.method},
           {"model", origin.model},
           {"threshold", threshold},
           {"grid", origin.grid},
           {"time_coverage_start", geolocation.start_time},
           {"time_coverage_end", geolocation.stop_time}}) {
    if (!value.empty()) map.SetMetadataItem(key, value.c_str());
  }
  GDALRasterBand& probability = *map.GetRasterBand(1);
  probability.SetDescription("cloud_probability");
  probability.SetMetadataItem("comment", "1 is cloud, 0 is clear, NaN is no data");
  GDALRasterBand& classes = *map.GetRasterBand(2);
  classes.SetDescription("cloud_mask");
  classes.SetMetadataItem("comment", ("1: probability of " + threshold + " or more; 0: less; NaN: no data").c_str());
}

std::string optimised(GDALDataset& map, const std::string& scene) {
  const MemoryFile file;
  std::array<const char*, 7> options = {
      "COMPRESS=DEFLATE",     "LEVEL=6",          "PREDICTOR=YES", "OVERVIEW_RESAMPLING=NEAREST",
      "NUM_THREADS=ALL_CPUS", "BIGTIFF=IF_SAFER", nullptr};
  Dataset written(GetGDALDriverManager()->GetDriverByName("COG")->CreateCopy(
      file.name(), &map, FALSE, const_cast<char**>(options.data()), nullptr, nullptr));
  if (!written) fail(scene);
  written.reset();  // flushes
  if (CPLGetLastErrorType() >= CE_Failure) fail(scene);
  return file.content();
}

class GdalMapMaker final : public MapMaker {
 public:
  GdalMapMaker() {
    GDALRegister_MEM();
    GDALRegister_GTiff();
    GDALRegister_COG();
  }

  void require_grid(const std::string& grid) const override { parse_grid(grid, {}); }

  std::string image(const Mask& mask, const MaskOrigin& origin, const Geolocation& geolocation) const override {
    const GdalErrors errors;
    const MapGrid grid = parse_grid(origin.grid, geolocation);
    const Places places = places_on(grid, origin.scene, geolocation);
    const MapFrame frame = frame_of(places, mask.width_px, grid, origin.scene);
    const MemoryFile places_file;
    write_places(places_file, places, mask, origin.scene);
    const std::string wkt = wkt_of(grid.system);
    const std::vector<float> classes = classes_of(mask, origin.threshold);
    const Dataset swath = make_swath(mask, classes, places_file, wkt);
    const Dataset map = warp(*swath, grid, wkt, frame, origin.scene);
    MaskOrigin named = origin;
    named.grid = grid.name;
    describe(*map, named, geolocation);
    return optimised(*map, origin.scene);
  }

  MaskOrigin read_origin(const std::filesystem::path& file) const override {
    const GdalErrors errors;
    const std::array<const char*, 2> drivers = {"GTiff", nullptr};
    const Dataset map(GDALDataset::Open(file.c_str(), GDAL_OF_RASTER, drivers.data()));
    if (!map) throw Error(fmt::format("{}: is no GeoTIFF: {}", file.string(), GdalErrors::last()));
    const auto text = [&](const char* key) {
      const char* value = map->GetMetadataItem(key);
      return std::string(value != nullptr ? value : "");
    };
    return {.scene = text("scene"),
            .method = text("method"),
            .model = text("model"),
            .threshold = std::atof(text("threshold").c_str()),
            .grid = text("grid"),
            .view = view_named(text("view"))};
  }
};

}  // namespace
}  // namespace cloudmask

extern "C" cloudmask::MapMaker* cloudmask_make_map_maker() { return new cloudmask::GdalMapMaker(); }
