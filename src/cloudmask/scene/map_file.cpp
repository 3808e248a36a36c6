#include "cloudmask/scene/map_file.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <memory>

#include "cloudmask/base/error.h"

namespace cloudmask {
namespace {

std::unique_ptr<MapMaker> load_map_maker() {
  void* const library = dlopen("libcloudmask_geotiff.so", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    throw Error(
        fmt::format("GeoTIFF takes GDAL, which cannot be used: {}; install GDAL 3.6 (Debian: libgdal32), or take "
                    "--format netcdf",
                    dlerror()));
  }
  const auto make = reinterpret_cast<MapMaker* (*)()>(dlsym(library, "cloudmask_make_map_maker"));
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
