#include "cloudmask/sst/sst_file.h"

#include <fmt/format.h>

#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/base/version.h"
#include "cloudmask/scene/hdf5_io.h"
#include "cloudmask/scene/scene.h"

namespace cloudmask {

namespace fs = std::filesystem;

fs::path sst_path(const fs::path& folder, const fs::path& scene, View view) {
  return folder / (result_name(scene, view) + ".sst.h5");
}

void write_sst(const fs::path& file, const SstFile& sst) {
  const Hdf5Lock lock;
  AtomicFile atomic(file);
  Hdf5Handle opened = create_hdf5_file(atomic.temporary_path());
  {
    const std::vector<hsize_t> shape = {static_cast<hsize_t>(sst.height_px), static_cast<hsize_t>(sst.width_px)};
    CM_CHECK(sst.sst_k.size() == shape[0] * shape[1] && sst.cloud.size() == sst.sst_k.size());
    constexpr int kDeflate = 1;
    const Hdf5Handle values =
        write_dataset(file, opened.get(), {"sst_k", shape, H5T_IEEE_F32LE, kDeflate}, sst.sst_k.data());
    write_attribute(values.get(), "description", "skin temperature of the sea; NaN is cloud, land or no data");
    write_attribute(values.get(), "standard_name", "sea_surface_skin_temperature");
    write_attribute(values.get(), "units", "K");
    write_attribute(values.get(), "algorithm", sst.algorithm);
    write_attribute(values.get(), "coefficients", sst.coefficients);
    write_attribute(values.get(), "scene", sst.scene);
    write_attribute(values.get(), "view", std::string(to_string(sst.view)));
    write_attribute(values.get(), "program", fmt::format("cloudmask {}", kVersion));
    const Hdf5Handle cloud =
        write_dataset(file, opened.get(), {"cloud", shape, H5T_STD_U8LE, kDeflate}, sst.cloud.data());
    write_attribute(cloud.get(), "description", "the mask used: 1 is cloud, 0 is clear, 255 is no data");
    write_attribute(cloud.get(), "mask", sst.mask);
    write_attribute(cloud.get(), "threshold", sst.threshold);
  }
  if (!opened.close()) throw Error(fmt::format("{}: cannot be written; is the disk full?", file.string()));
  atomic.commit();
}

}  // namespace cloudmask
