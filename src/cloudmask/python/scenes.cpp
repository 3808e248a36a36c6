#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pybind11/numpy.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <cmath>
#include <memory>
#include <optional>
#include <string>

#include "cloudmask/base/error.h"
#include "cloudmask/config/options.h"
#include "cloudmask/python/arrays.h"
#include "cloudmask/python/bindings.h"
#include "cloudmask/python/caller.h"
#include "cloudmask/scene/pixel_values.h"
#include "cloudmask/scene/scene_reader.h"

namespace cloudmask::python {

namespace py = pybind11;

namespace {

using FloatArray = py::array_t<float, py::array::c_style>;

std::string shape_of(const py::array& array) {
  const std::vector<py::ssize_t> shape(array.shape(), array.shape() + array.ndim());
  return fmt::format("({})", fmt::join(shape, ", "));
}

void require_channels(const char* name, const FloatArray& values, int channels) {
  if (values.ndim() == 3 && values.shape(2) == channels && values.size() > 0) return;
  throw UsageError(
      fmt::format("{} has shape {}, wanted (height, width, {}), channels last", name, shape_of(values), channels));
}

void require_same_grid(const char* name, const FloatArray& values, py::ssize_t dimensions, const Scene& scene) {
  if (values.ndim() == dimensions && values.shape(0) == scene.height_px && values.shape(1) == scene.width_px) return;
  throw UsageError(fmt::format("{} has shape {}, wanted {} x {} px as brightness_temperature_k has", name,
                               shape_of(values), scene.height_px, scene.width_px));
}

// As files are read: what no instrument measures is missing.
UninitialisedVector<float> values_in_range(const FloatArray& values, ValueRange range) {
  UninitialisedVector<float> kept(static_cast<std::size_t>(values.size()));
  keep_in_range(values.data(), kept.size(), range, kept.data());
  return kept;
}

// No clear sky is darker in S1 than 0.03, no surface as a whole brighter than 1.5: percent, as satpy has them.
void refuse_percent(const FloatArray& reflectance) {
  const auto* const s1 = reflectance.data();
  std::size_t known = 0;
  std::size_t beyond = 0;
  for (py::ssize_t i = 0; i < reflectance.size(); i += kReflectanceBands) {
    known += std::isnan(s1[i]) ? 0 : 1;
    beyond += s1[i] > 1.5F ? 1 : 0;
  }
  if (2 * beyond <= known) return;
  throw UsageError(
      fmt::format("reflectance: S1 is above 1.5 in {} of {} pixels; wanted fractions, so divide percent "
                  "by 100",
                  beyond, known));
}

void require_valid_pixel(const Scene& scene) {
  for (std::size_t pixel = 0; pixel < scene.pixels(); ++pixel) {
    if (!pixel_missing(scene, pixel)) return;
  }
  throw UsageError(
      fmt::format("brightness_temperature_k has no pixel with valid S8 and S9 (channels 1 and 2), wanted at "
                  "least one between {} and {} K",
                  kBrightnessTemperature_k.low, kBrightnessTemperature_k.high));
}

UninitialisedVector<float> place_of(const char* name, const std::optional<FloatArray>& values, const Scene& scene) {
  if (!values) return {};
  require_same_grid(name, *values, 2, scene);
  return {values->data(), values->data() + values->size()};
}

Scene scene_from_arrays(const std::string& name, const std::string& view, const FloatArray& reflectance,
                        const FloatArray& temperature_k, const std::optional<FloatArray>& latitude_deg,
                        const std::optional<FloatArray>& longitude_deg) {
  require_channels("brightness_temperature_k", temperature_k, kBrightnessTemperatureBands);
  require_channels("reflectance", reflectance, kReflectanceBands);
  if (latitude_deg.has_value() != longitude_deg.has_value()) {
    throw UsageError("latitude_deg and longitude_deg go together; give both or none");
  }
  Scene scene;
  scene.name = name;
  scene.view = view_named(view);
  scene.height_px = static_cast<int>(temperature_k.shape(0));
  scene.width_px = static_cast<int>(temperature_k.shape(1));
  require_same_grid("reflectance", reflectance, 3, scene);
  refuse_percent(reflectance);
  scene.reflectance = values_in_range(reflectance, kReflectance);
  scene.brightness_temperature_k = values_in_range(temperature_k, kBrightnessTemperature_k);
  scene.geolocation.latitude_deg = place_of("latitude_deg", latitude_deg, scene);
  scene.geolocation.longitude_deg = place_of("longitude_deg", longitude_deg, scene);
  require_valid_pixel(scene);
  return scene;
}

Scene read(const std::filesystem::path& path, bool angles, const Config& config) {
  ReadOptions options;
  options.want_geolocation = true;
  options.want_angles = angles;
  options.reflectance_grid = config.data.reflectance_grid;
  options.view = config.data.view;
  options.threads = config.machine.threads;
  return without_lock([&](Caller&) { return read_scene(path, options); });
}

py::array_t<bool> missing_pixels(const Scene& scene) {
  py::array_t<bool> missing({scene.height_px, scene.width_px});
  for (std::size_t pixel = 0; pixel < scene.pixels(); ++pixel) {
    missing.mutable_data()[pixel] = pixel_missing(scene, pixel);
  }
  return missing;
}

// A property that shows a raster of the scene, `channels` values a pixel (0: one, without an axis of its own).
template <typename Member>
auto raster(Member member, int channels = 0) {
  return [member, channels](const py::object& self) {
    const auto& scene = self.cast<const Scene&>();
    std::vector<py::ssize_t> shape = {scene.height_px, scene.width_px};
    if (channels > 0) shape.push_back(channels);
    return array_view(member(scene), std::move(shape), self);
  };
}

}  // namespace

void add_scenes(py::module_& module) {
  const auto of = [](auto member) {
    return [member](const Scene& scene) -> const auto& { return scene.*member; };
  };
  const auto place = [](auto member) {
    return [member](const Scene& scene) -> const auto& { return scene.geolocation.*member; };
  };
  py::class_<Scene, std::shared_ptr<Scene>>(module, "Scene")
      .def_readonly("name", &Scene::name)
      .def_property_readonly("view", [](const Scene& scene) { return to_string(scene.view); })
      .def_readonly("height_px", &Scene::height_px)
      .def_readonly("width_px", &Scene::width_px)
      .def_property_readonly("reflectance", raster(of(&Scene::reflectance), kReflectanceBands))
      .def_property_readonly("brightness_temperature_k",
                             raster(of(&Scene::brightness_temperature_k), kBrightnessTemperatureBands))
      .def_property_readonly("label", raster(of(&Scene::label)))
      .def_property_readonly("summary", raster(of(&Scene::summary)))
      .def_property_readonly("truth", raster(of(&Scene::truth)))
      .def_property_readonly("surface", raster(of(&Scene::surface)))
      .def_property_readonly("latitude_deg", raster(place(&Geolocation::latitude_deg)))
      .def_property_readonly("longitude_deg", raster(place(&Geolocation::longitude_deg)))
      .def_property_readonly("sun_zenith_deg", raster(place(&Geolocation::sun_zenith_deg)))
      .def_property_readonly("view_zenith_deg", raster(place(&Geolocation::view_zenith_deg)))
      .def_property_readonly("start_time", [](const Scene& scene) { return scene.geolocation.start_time; })
      .def_property_readonly("stop_time", [](const Scene& scene) { return scene.geolocation.stop_time; })
      .def_property_readonly("daylight", &scene_in_daylight)
      .def("missing", &missing_pixels);
  module.def("read_scene", &read, py::arg("path"), py::arg("angles"), py::arg("config"));
  module.def("scene_from_arrays", &scene_from_arrays, py::arg("name"), py::arg("view"), py::arg("reflectance"),
             py::arg("brightness_temperature_k"), py::arg("latitude_deg"), py::arg("longitude_deg"));
}

}  // namespace cloudmask::python
