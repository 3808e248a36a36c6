#pragma once

#include <filesystem>
#include <string>

#include "cloudmask/scene/mask_file.h"

namespace cloudmask {

/// Masks as maps: Cloud-Optimised GeoTIFF on a grid of equal cells. What makes them is a library of its own,
/// libcloudmask_geotiff.so, that is loaded when it is first called for; it was built where GDAL was found, and takes
/// the GDAL of the system. All functions throw Error when it or GDAL is missing.
///
/// A grid is `auto`, `CRS` or `CRS@CELL`: a coordinate reference system as GDAL names them (EPSG:3413, or a PROJ
/// string) and the side of a cell in its units; without, 0.01 for degrees and 1 km for lengths. Corners of cells lie at
/// whole multiples of the side, so that maps of many scenes fit together. `auto` is EPSG:4326, or EPSG:3413 and
/// EPSG:3031 (polar stereographic) for scenes whose mean latitude is beyond 60 degrees.

/// Throws UsageError for a grid that is none.
void require_map_grid(const std::string& grid);

/// Throws Error, which names the scene, when it does not tell where its pixels are.
void require_place(const std::string& scene, const Geolocation& geolocation);

/// The file's content. Band 1 `cloud_probability` and band 2 `cloud_mask` (1 cloud, 0 clear), float32, NaN where there
/// is no data; each cell has the values of the pixel that it lies in. Coordinates go on beyond 180 degrees where a
/// scene lies on both sides. `origin.grid` is the grid. Throws Error for a scene without coordinates, for one that the
/// edge of the grid's system runs through, and for grids of more than 100 million cells.
std::string map_image(const Mask& mask, const MaskOrigin& origin, const Geolocation& geolocation);

/// The origin of such a file, as written. Throws Error.
MaskOrigin read_map_origin(const std::filesystem::path& file);

/// What the library is asked through.
class MapMaker {
 public:
  MapMaker() = default;
  virtual ~MapMaker() = default;
  MapMaker(const MapMaker&) = delete;
  MapMaker& operator=(const MapMaker&) = delete;
  virtual void require_grid(const std::string& grid) const = 0;
  virtual std::string image(const Mask& mask, const MaskOrigin& origin, const Geolocation& geolocation) const = 0;
  virtual MaskOrigin read_origin(const std::filesystem::path& file) const = 0;
};

}  // namespace cloudmask
