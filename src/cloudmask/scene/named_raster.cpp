#include "cloudmask/scene/named_raster.h"

#include <fmt/format.h>

#include "cloudmask/base/error.h"
#include "cloudmask/scene/hdf5_io.h"
#include "cloudmask/scene/product.h"
#include "cloudmask/scene/raster.h"

namespace cloudmask {

std::vector<float> read_named_raster(const std::filesystem::path& file, const std::string& name, const Scene& scene) {
  if (is_product(file)) return {};
  const Hdf5Lock lock;
  const Hdf5Handle opened = open_hdf5_file(file);
  if (!Raster::exists(opened.get(), name)) return {};
  const Raster raster(file, opened.get(), {name, 1});
  if (raster.height_px() == scene.height_px && raster.width_px() == scene.width_px) return raster.read();
  throw Error(fmt::format("{}: dataset {} has {} x {} px, wanted {} x {} px as bts has", file.string(), name,
                          raster.height_px(), raster.width_px(), scene.height_px, scene.width_px));
}

}  // namespace cloudmask
