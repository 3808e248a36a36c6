#include "cloudmask/scene/geotiff/map_grid.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>

#include "cloudmask/base/error.h"
#include "cloudmask/scene/geotiff/gdal_errors.h"

namespace cloudmask {
namespace {

constexpr double kMostCells = 1e8;

bool known(double latitude_deg, double longitude_deg) {
  return std::abs(latitude_deg) <= 90 && std::abs(longitude_deg) <= 360;  // false for NaN
}

double mean_latitude_deg(const Geolocation& geolocation) {
  double sum = 0;
  double count = 0;
  for (std::size_t i = 0; i < geolocation.latitude_deg.size(); ++i) {
    if (!known(geolocation.latitude_deg[i], geolocation.longitude_deg[i])) continue;
    sum += geolocation.latitude_deg[i];
    ++count;
  }
  return count > 0 ? sum / count : 0;
}

std::string automatic_system(const Geolocation& geolocation) {
  constexpr double kPolarDeg = 60;
  const double latitude_deg = mean_latitude_deg(geolocation);
  if (std::abs(latitude_deg) <= kPolarDeg) return "EPSG:4326";
  return latitude_deg > 0 ? "EPSG:3413" : "EPSG:3031";
}

OGRSpatialReference parse_system(const std::string& text) {
  OGRSpatialReference system;
  const char* const only_names[] = {"ALLOW_NETWORK_ACCESS=NO", "ALLOW_FILE_ACCESS=NO", nullptr};
  if (system.SetFromUserInput(text.c_str(), only_names) != OGRERR_NONE ||
      !(system.IsGeographic() || system.IsProjected())) {
    throw UsageError(
        fmt::format("mask_grid: '{}' is no geographic or projected coordinate reference system; takes auto, "
                    "or one as GDAL names it, with the side of a cell if wanted: EPSG:4326@0.01, EPSG:3413@1000 ({})",
                    text, GdalErrors::last()));
  }
  system.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
  return system;
}

std::optional<double> number_in(const std::string& text) {
  double number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

double parse_cell(const std::string& text) {
  const double cell = number_in(text).value_or(0);
  if (cell > 0 && std::isfinite(cell)) return cell;
  throw UsageError(
      fmt::format("mask_grid: the side of a cell is '{}', takes a number above 0, as in EPSG:3413@1000", text));
}

double usual_cell(const OGRSpatialReference& system) {
  return system.IsGeographic() ? 0.01 : 1000 / system.GetLinearUnits();
}

// Longitudes that jump at 180 degrees go on instead, where that leaves less than half a turn.
void unwrap(std::vector<double>& longitude_deg) {
  double least = std::numeric_limits<double>::infinity();
  double most = -least;
  for (const double value : longitude_deg) {
    if (value == kNowhere) continue;
    least = std::min(least, value);
    most = std::max(most, value);
  }
  if (most - least <= 180) return;
  for (double& value : longitude_deg) value += value < 0 ? 360 : 0;
}

// The largest step between pixels that are beside one another in a row or a column.
double largest_step(const std::vector<double>& values, std::size_t width_px) {
  double largest = 0;
  const auto compare = [&](double a, double b) {
    if (a != kNowhere && b != kNowhere) largest = std::max(largest, std::abs(a - b));
  };
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i % width_px != 0) compare(values[i - 1], values[i]);
    if (i >= width_px) compare(values[i - width_px], values[i]);
  }
  return largest;
}

struct Span {
  double least;
  double most;
};

Span whole_cells(const std::vector<double>& values, double cell) {
  Span span{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  for (const double value : values) {
    if (value == kNowhere) continue;
    span.least = std::min(span.least, value);
    span.most = std::max(span.most, value);
  }
  // Half a cell more, for a place is the middle of its pixel.
  return {std::floor(span.least / cell - 0.5) * cell, std::ceil(span.most / cell + 0.5) * cell};
}

}  // namespace

MapGrid parse_grid(const std::string& text, const Geolocation& geolocation) {
  const GdalErrors errors;
  MapGrid grid;
  grid.name = text.empty() ? "auto" : text;
  std::size_t at = grid.name.rfind('@');
  if (grid.name.starts_with('+') && at != std::string::npos && !number_in(grid.name.substr(at + 1))) {
    at = std::string::npos;  // +nadgrids=@null of a PROJ string
  }
  std::string system = grid.name.substr(0, at);
  if (system == "auto") system = automatic_system(geolocation);
  grid.system = parse_system(system);
  grid.cell = at == std::string::npos ? usual_cell(grid.system) : parse_cell(grid.name.substr(at + 1));
  return grid;
}

Places places_on(const MapGrid& grid, const std::string& scene, const Geolocation& geolocation) {
  const GdalErrors errors;
  OGRSpatialReference geographic;
  geographic.SetWellKnownGeogCS("WGS84");
  geographic.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
  const std::unique_ptr<OGRCoordinateTransformation> transformation(
      OGRCreateCoordinateTransformation(&geographic, &grid.system));
  if (!transformation) throw Error(fmt::format("mask_grid: {}: {}", grid.name, GdalErrors::last()));
  Places places{{geolocation.longitude_deg.begin(), geolocation.longitude_deg.end()},
                {geolocation.latitude_deg.begin(), geolocation.latitude_deg.end()}};
  const std::size_t pixels = places.x.size();
  std::vector<int> done(pixels);
  transformation->Transform(static_cast<int>(pixels), places.x.data(), places.y.data(), nullptr, done.data());
  std::size_t found = 0;
  for (std::size_t i = 0; i < pixels; ++i) {
    const bool has_place = known(geolocation.latitude_deg[i], geolocation.longitude_deg[i]) && done[i] != 0 &&
                           std::isfinite(places.x[i]) && std::isfinite(places.y[i]);
    found += has_place ? 1 : 0;
    if (!has_place) places.x[i] = places.y[i] = kNowhere;
  }
  if (found == 0) {
    throw Error(
        fmt::format("{}: no pixel has a place in {}: its coordinates are missing, or lie elsewhere", scene, grid.name));
  }
  if (grid.system.IsGeographic()) unwrap(places.x);
  return places;
}

MapFrame frame_of(const Places& places, int width_px, const MapGrid& grid, const std::string& scene) {
  const Span x = whole_cells(places.x, grid.cell);
  const Span y = whole_cells(places.y, grid.cell);
  const auto width = static_cast<std::size_t>(width_px);
  if (largest_step(places.x, width) > (x.most - x.least) / 2 ||
      largest_step(places.y, width) > (y.most - y.least) / 2) {
    throw Error(
        fmt::format("{}: the edge of {} runs through the scene (its pole or its outermost meridian); take a grid "
                    "whose edge is elsewhere: --grid EPSG:3413 in the north, EPSG:3031 in the south",
                    scene, grid.name));
  }
  const double columns = (x.most - x.least) / grid.cell;
  const double rows = (y.most - y.least) / grid.cell;
  constexpr double kNoMap = 3;  // whole_cells() of less than a cell
  if (columns <= kNoMap && rows <= kNoMap) {
    throw Error(fmt::format("{}: a cell of {} is larger than the scene; its side is in {}", scene, grid.name,
                            grid.system.IsGeographic() ? "degrees" : "the unit of length of the system"));
  }
  const double cells = columns * rows;
  if (!(cells <= kMostCells)) {  // NaN too
    throw Error(
        fmt::format("{}: {} makes {:.0f} million cells of it, at most {:.0f} million are made; take larger cells, "
                    "as in EPSG:4326@0.01",
                    scene, grid.name, cells / 1e6, kMostCells / 1e6));
  }
  return {.left = x.least, .bottom = y.least, .right = x.most, .top = y.most};
}

}  // namespace cloudmask
