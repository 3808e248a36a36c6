#pragma once

#include <ogr_spatialref.h>

#include <string>
#include <vector>

#include "cloudmask/scene/scene.h"

namespace cloudmask {

/// Cells of equal sides in a coordinate reference system; x is east or right, y is north or up.
struct MapGrid {
  OGRSpatialReference system;
  double cell = 0;   ///< side, in the system's units
  std::string name;  ///< as asked for
};

/// Of `auto`, CRS or CRS@CELL (scene/map_file.h). Throws UsageError.
MapGrid parse_grid(const std::string& text, const Geolocation& geolocation);

/// Of each pixel, in a grid's units; kNowhere where it is not known.
struct Places {
  std::vector<double> x;
  std::vector<double> y;
};
inline constexpr double kNowhere = 1e30;

/// `scene` is named in errors. Longitudes go on beyond 180 degrees where the scene lies on both sides. Throws Error
/// when no pixel has a place.
Places places_on(const MapGrid& grid, const std::string& scene, const Geolocation& geolocation);

/// Whole cells around all places, edges at multiples of the cell's side.
struct MapFrame {
  double left = 0;
  double bottom = 0;
  double right = 0;
  double top = 0;
};

/// Throws Error when the edge of the system runs through the scene, and for more than 100 million cells.
MapFrame frame_of(const Places& places, int width_px, const MapGrid& grid, const std::string& scene);

}  // namespace cloudmask
