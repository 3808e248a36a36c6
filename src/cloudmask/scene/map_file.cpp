#include "cloudmask/scene/map_file.h"

#include <fmt/format.h>

#include <memory>
#include <string>

#include "cloudmask/base/error.h"
#include "cloudmask/base/module.h"

namespace cloudmask {
namespace {

std::unique_ptr<MapMaker> load_map_maker() {
  const Module module("libcloudmask_geotiff.so");
  if (module.is_absent()) {
    throw Error(
        fmt::format("GeoTIFF takes a cloudmask that was built with GDAL (Debian: libgdal-dev), which this one was "
                    "not: {}; or take --format netcdf",
                    module.fault()));
  }
  if (!module.fault().empty()) {
    throw Error(
        fmt::format("GeoTIFF takes GDAL, which cannot be used: {}; install the one that cloudmask was built with "
                    "(Debian 12: libgdal32), or take --format netcdf",
                    module.fault()));
  }
  return std::unique_ptr<MapMaker>(module.function<MapMaker*()>("cloudmask_make_map_maker")());
}

const MapMaker& map_maker() {
  static const std::unique_ptr<MapMaker> maker = load_map_maker();
  return *maker;
}

}  // namespace

void require_map_grid(const std::string& grid) { map_maker().require_grid(grid); }

void require_place(const std::string& scene, const Geolocation& geolocation) {
  if (!geolocation.latitude_deg.empty() && !geolocation.longitude_deg.empty()) return;
  throw Error(
      fmt::format("{}: does not tell the latitude and longitude of its pixels, which a map takes; ESA's products "
                  "do; take --format netcdf or hdf5",
                  scene));
}

std::string map_image(const Mask& mask, const MaskOrigin& origin, const Geolocation& geolocation) {
  require_place(origin.scene, geolocation);
  return map_maker().image(mask, origin, geolocation);
}

MaskOrigin read_map_origin(const std::filesystem::path& file) { return map_maker().read_origin(file); }

}  // namespace cloudmask
