#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cloudmask/config/options.h"
#include "cloudmask/scene/scene.h"

namespace cloudmask {

/// Cloud probability of each pixel of a scene, [H,W], 0 clear to 1 cloud; NaN where the scene has no data.
struct Mask {
  int height_px = 0;                     ///< of the scene
  int width_px = 0;                      ///< of the scene
  std::vector<float> cloud_probability;  ///< [H,W]
  std::vector<std::uint16_t> flags;  ///< [H,W], bit i: test `flag_names[i]` calls the pixel cloud; empty without tests
  std::vector<std::string> flag_names;  ///< at most 16, words without blanks
};

/// Where a mask came from; written as attributes.
struct MaskOrigin {
  std::string scene;         ///< scene file name
  std::string method;        ///< e.g. "network", "threshold"
  std::string model;         ///< name and checksum of the model, tests or tables
  double threshold = 0.5;    ///< probability from which a pixel counts as cloud
  std::string grid = {};     ///< of maps: the one that was asked for
  View view = View::kNadir;  ///< of the instrument
};

/// `<folder>/<scene file name>.h5`, `.nc` or `.tif`; of the oblique view `<scene file name>.oblique.h5` and so on.
std::filesystem::path mask_path(const std::filesystem::path& folder, const std::filesystem::path& scene, View view,
                                MaskFormat format = MaskFormat::kHdf5);

/// The mask of a scene in a folder, HDF5 or netCDF (a map has other pixels than the scene): the newer one, or the path
/// of kHdf5 when there is none.
std::filesystem::path find_mask(const std::filesystem::path& folder, const std::filesystem::path& scene, View view);

/// A file that ends in .nc becomes CF-1.8 netCDF, .tif a map (docs/formats.md), any other one this:
/// HDF5, dataset `mask` float32 [1,H,W,1] as the reference program writes it, with attributes that say that 1 is cloud,
/// that NaN is missing, the origin, and our version. A mask with flags also has the dataset `flags`, uint16 [H,W], with
/// the CF attributes flag_masks and flag_meanings. Whole or not at all. Throws Error.
void write_mask(const std::filesystem::path& file, const Mask& mask, const MaskOrigin& origin,
                const Geolocation& geolocation = {});

/// What a mask file holds.
struct MaskContent {
  Mask mask;          ///< without flags
  MaskOrigin origin;  ///< its attributes
};

/// Reads ours of both formats on the scene's grid and the reference program's ([1,H,W,1], [H,W,1] and [H,W] float).
/// Values outside 0..1, a wrong rank or type are an Error. Flags are not read. The reference's do not say their view.
MaskContent read_mask(const std::filesystem::path& file, View unless_said = View::kNadir);

/// The same for the mask of `scene`: one of another size, or that says it is of another view, is an Error too.
MaskContent read_mask(const std::filesystem::path& file, const Scene& scene);

/// The attributes alone, of a map too. Throws Error.
MaskOrigin read_mask_origin(const std::filesystem::path& file);

}  // namespace cloudmask
