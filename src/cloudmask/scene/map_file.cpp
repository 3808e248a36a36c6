#include "cloudmask/scene/map_file.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <memory>
#include <string>
#include <string_view>

#include "cloudmask/base/error.h"

namespace cloudmask {
namespace {

std::unique_ptr<MapMaker> load_map_maker() {
  constexpr std::string_view kLibrary = "libcloudmask_geotiff.so";
  void* const library = dlopen(kLibrary.data(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const std::string reason = dlerror();
    if (reason.starts_with(kLibrary)) {  // itself is not there, else what it needs
      throw Error(
          fmt::format("GeoTIFF takes a cloudmask that was built with GDAL (Debian: libgdal-dev), which this one was "
                      "not: {}; or take --format netcdf",
                      reason));
    }
    throw Error(
        fmt::format("GeoTIFF takes GDAL, which cannot be used: {}; install the one that cloudmask was built with "
                    "(Debian 12: libgdal32), or take --format netcdf",
                    reason));
  }
  const auto make = reinterpret_cast<MapMaker* (*)()>(dlsym(library, "cloudmask_make_map_maker"));
  if (make == nullptr) throw Error(fmt::format("{} is of another version: install cloudmask anew", kLibrary));
  return std::unique_ptr<MapMaker>(make());
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
