#include "cloudmask/scene/mask_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/base/version.h"
#include "cloudmask/scene/cf_mask.h"
#include "cloudmask/scene/hdf5_io.h"
#include "cloudmask/scene/map_file.h"
#include "cloudmask/scene/raster.h"

namespace cloudmask {

namespace fs = std::filesystem;

fs::path mask_path(const fs::path& folder, const fs::path& scene, View view, MaskFormat format) {
  const char* const ending = format == MaskFormat::kNetcdf ? ".nc" : format == MaskFormat::kGeotiff ? ".tif" : ".h5";
  return folder / (result_name(scene, view) + ending);
}

fs::path find_mask(const fs::path& folder, const fs::path& scene, View view) {
  fs::path hdf5 = mask_path(folder, scene, view, MaskFormat::kHdf5);
  fs::path netcdf = mask_path(folder, scene, view, MaskFormat::kNetcdf);
  std::error_code missing;
  const auto netcdf_written = fs::last_write_time(netcdf, missing);
  if (missing) return hdf5;
  const auto hdf5_written = fs::last_write_time(hdf5, missing);
  return missing || netcdf_written > hdf5_written ? netcdf : hdf5;
}

namespace {

bool is_map(const fs::path& file) { return file.extension() == ".tif"; }

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
  write_attribute(dataset.get(), "flag_masks", H5T_NATIVE_UINT16, bits.size(), bits.data());
}

// The dataset of the probabilities, which carries the origin too.
const char* dataset_of(const Hdf5Handle& file) {
  return Raster::exists(file.get(), kCfProbability) ? kCfProbability : "mask";
}

MaskOrigin origin_of(const Hdf5Handle& file, View unless_said) {
  const Hdf5Handle dataset(H5Dopen2(file.get(), dataset_of(file), H5P_DEFAULT));
  MaskOrigin origin;
  origin.scene = read_text_attribute(dataset.get(), "scene", "");
  origin.view = view_named(read_text_attribute(dataset.get(), "view", std::string(to_string(unless_said))));
  origin.method = read_text_attribute(dataset.get(), "method", "");
  origin.model = read_text_attribute(dataset.get(), "model", "");
  origin.threshold = read_number_attribute(dataset.get(), "threshold", origin.threshold);
  return origin;
}

void write_plain_mask(const fs::path& file, hid_t file_id, const Mask& mask, const MaskOrigin& origin) {
  const auto height = static_cast<hsize_t>(mask.height_px);
  const auto width = static_cast<hsize_t>(mask.width_px);
  const Hdf5Handle dataset =
      write_dataset(file, file_id, {"mask", {1, height, width, 1}, H5T_IEEE_F32LE}, mask.cloud_probability.data());
  write_attribute(dataset.get(), "description", "probability of cloud: 1 is cloud, 0 is clear, NaN is no data");
  write_attribute(dataset.get(), "units", "1");
  write_origin(dataset.get(), origin);
  if (!mask.flags.empty()) write_flags(file, file_id, mask);
}

std::string mask_image(const fs::path& file, const Mask& mask, const MaskOrigin& origin,
                       const Geolocation& geolocation) {
  const Hdf5Lock lock;
  const Hdf5Handle opened = create_hdf5_in_memory();
  if (file.extension() == ".nc") {
    write_cf_mask(file, opened.get(), mask, origin, geolocation);
  } else {
    write_plain_mask(file, opened.get(), mask, origin);
  }
  return hdf5_image(opened);
}

}  // namespace

void write_origin(hid_t dataset, const MaskOrigin& origin) {
  write_attribute(dataset, "scene", origin.scene);
  write_attribute(dataset, "view", std::string(to_string(origin.view)));
  write_attribute(dataset, "method", origin.method);
  write_attribute(dataset, "model", origin.model);
  write_attribute(dataset, "threshold", origin.threshold);
  write_attribute(dataset, "program", fmt::format("cloudmask {}", kVersion));
}

void write_mask(const fs::path& file, const Mask& mask, const MaskOrigin& origin, const Geolocation& geolocation) {
  CM_CHECK(mask.cloud_probability.size() ==
           static_cast<std::size_t>(mask.height_px) * static_cast<std::size_t>(mask.width_px));
  write_file_atomically(
      file, is_map(file) ? map_image(mask, origin, geolocation) : mask_image(file, mask, origin, geolocation));
}

MaskContent read_mask(const fs::path& file, View unless_said) {
  const Hdf5Lock lock;
  const Hdf5Handle opened = open_hdf5_file(file);
  const Raster raster(file, opened.get(), {dataset_of(opened), 1});
  MaskContent content;
  content.mask.height_px = raster.height_px();
  content.mask.width_px = raster.width_px();
  content.mask.cloud_probability = raster.read();
  for (const float probability : content.mask.cloud_probability) {
    if (std::isnan(probability) || (probability >= 0 && probability <= 1)) continue;
    throw Error(fmt::format("{}: dataset {} holds {}, wanted probabilities between 0 and 1", file.string(),
                            dataset_of(opened), probability));
  }
  content.origin = origin_of(opened, unless_said);
  return content;
}

MaskContent read_mask(const fs::path& file, const Scene& scene) {
  MaskContent content = read_mask(file, scene.view);
  if (content.origin.view != scene.view) {
    throw Error(fmt::format("{}: is a mask of the {} view, wanted the {} view as its scene has; make the mask anew",
                            file.string(), to_string(content.origin.view), to_string(scene.view)));
  }
  if (content.mask.height_px == scene.height_px && content.mask.width_px == scene.width_px) return content;
  throw Error(fmt::format("{}: mask has {} x {} px, wanted {} x {} px as its scene has; make the mask anew",
                          file.string(), content.mask.height_px, content.mask.width_px, scene.height_px,
                          scene.width_px));
}

MaskOrigin read_mask_origin(const fs::path& file) {
  if (is_map(file)) return read_map_origin(file);
  const Hdf5Lock lock;
  const Hdf5Handle opened = open_hdf5_file(file);
  const Raster raster(file, opened.get(), {dataset_of(opened), 1});  // says what is wrong with it
  return origin_of(opened, View::kNadir);
}

}  // namespace cloudmask
