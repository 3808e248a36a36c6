#include "cloudmask/scene/mask_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/base/version.h"
#include "cloudmask/scene/hdf5_io.h"
#include "cloudmask/scene/raster.h"

namespace cloudmask {

namespace fs = std::filesystem;

fs::path mask_path(const fs::path& folder, const fs::path& scene) {
  return folder / (scene.filename().string() + ".h5");
}

namespace {

void write_flags(const fs::path& file, hid_t file_id, const Mask& mask) {
  constexpr std::size_t kBits = 16;
  CM_CHECK(mask.flags.size() == mask.cloud_probability.size() && mask.flag_names.size() <= kBits);
  const std::vector<hsize_t> shape = {static_cast<hsize_t>(mask.height_px), static_cast<hsize_t>(mask.width_px)};
  const Hdf5Handle dataset =
      write_dataset(file, file_id, {"flags", shape, H5T_NATIVE_UINT16, /*deflate_level=*/1}, mask.flags.data());
  write_attribute(dataset.get(), "description", "tests that call the pixel cloud, one bit each");
  write_attribute(dataset.get(), "flag_meanings", fmt::format("{}", fmt::join(mask.flag_names, " ")));
  std::vector<std::uint16_t> bits;
  for (std::size_t i = 0; i < mask.flag_names.size(); ++i) bits.push_back(static_cast<std::uint16_t>(1U << i));
  const hsize_t count = bits.size();
  const Hdf5Handle space(H5Screate_simple(1, &count, nullptr));
  const Hdf5Handle attribute(
      H5Acreate2(dataset.get(), "flag_masks", H5T_STD_U16LE, space.get(), H5P_DEFAULT, H5P_DEFAULT));
  if (!attribute.valid() || H5Awrite(attribute.get(), H5T_NATIVE_UINT16, bits.data()) < 0) {
    throw Error(fmt::format("{}: attribute flag_masks cannot be written; is the disk full?", file.string()));
  }
}

MaskOrigin origin_of(const Hdf5Handle& file) {
  const Hdf5Handle dataset(H5Dopen2(file.get(), "mask", H5P_DEFAULT));
  MaskOrigin origin;
  origin.scene = read_text_attribute(dataset.get(), "scene", "");
  origin.method = read_text_attribute(dataset.get(), "method", "");
  origin.model = read_text_attribute(dataset.get(), "model", "");
  origin.threshold = read_number_attribute(dataset.get(), "threshold", origin.threshold);
  return origin;
}

}  // namespace

void write_mask(const fs::path& file, const Mask& mask, const MaskOrigin& origin) {
  const Hdf5Lock lock;
  AtomicFile atomic(file);
  Hdf5Handle opened = create_hdf5_file(atomic.temporary_path());
  {
    const auto height = static_cast<hsize_t>(mask.height_px);
    const auto width = static_cast<hsize_t>(mask.width_px);
    CM_CHECK(mask.cloud_probability.size() == height * width);
    const Hdf5Handle dataset = write_dataset(file, opened.get(), {"mask", {1, height, width, 1}, H5T_IEEE_F32LE},
                                             mask.cloud_probability.data());
    write_attribute(dataset.get(), "description", "probability of cloud: 1 is cloud, 0 is clear, NaN is no data");
    write_attribute(dataset.get(), "units", "1");
    write_attribute(dataset.get(), "scene", origin.scene);
    write_attribute(dataset.get(), "method", origin.method);
    write_attribute(dataset.get(), "model", origin.model);
    write_attribute(dataset.get(), "threshold", origin.threshold);
    write_attribute(dataset.get(), "program", fmt::format("cloudmask {}", kVersion));
    if (!mask.flags.empty()) write_flags(file, opened.get(), mask);
  }
  if (!opened.close()) throw Error(fmt::format("{}: cannot be written; is the disk full?", file.string()));
  atomic.commit();
}

MaskContent read_mask(const fs::path& file) {
  const Hdf5Lock lock;
  const Hdf5Handle opened = open_hdf5_file(file);
  const Raster raster(file, opened.get(), {"mask", 1});
  MaskContent content;
  content.mask.height_px = raster.height_px();
  content.mask.width_px = raster.width_px();
  content.mask.cloud_probability = raster.read();
  for (const float probability : content.mask.cloud_probability) {
    if (std::isnan(probability) || (probability >= 0 && probability <= 1)) continue;
    throw Error(
        fmt::format("{}: dataset mask holds {}, wanted probabilities between 0 and 1", file.string(), probability));
  }
  content.origin = origin_of(opened);
  return content;
}

MaskOrigin read_mask_origin(const fs::path& file) {
  const Hdf5Lock lock;
  const Hdf5Handle opened = open_hdf5_file(file);
  const Raster raster(file, opened.get(), {"mask", 1});  // says what is wrong with it
  return origin_of(opened);
}

}  // namespace cloudmask
