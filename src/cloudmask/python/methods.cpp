#include <pybind11/numpy.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <memory>
#include <mutex>
#include <utility>

#include "cloudmask/base/error.h"
#include "cloudmask/cloudmask.h"
#include "cloudmask/python/arrays.h"
#include "cloudmask/python/bindings.h"
#include "cloudmask/python/caller.h"

namespace cloudmask::python {

namespace py = pybind11;

namespace {

/// A mask with all that goes into its file.
struct FoundClouds {
  Mask mask;
  MaskOrigin origin;
  Geolocation geolocation;
};

/// A Screener that threads of Python may share: they take turns.
class Method {
 public:
  explicit Method(std::unique_ptr<Screener> screener) : screener_(std::move(screener)) {}

  FoundClouds screen(const Scene& scene) {
    return without_lock([&](Caller&) {
      const std::lock_guard turn(mutex_);
      FoundClouds found{screener_->screen(scene), screener_->origin(), scene.geolocation};
      found.origin.scene = scene.name;
      found.origin.view = scene.view;
      return found;
    });
  }

  const MaskOrigin& origin() const { return screener_->origin(); }

 private:
  std::mutex mutex_;
  std::unique_ptr<Screener> screener_;
};

std::shared_ptr<Method> network(const std::filesystem::path& model_file, const Config& config) {
  return without_lock([&](Caller&) { return std::make_shared<Method>(load_network(model_file, config)); });
}

std::shared_ptr<Method> screener(const std::string& name, const std::filesystem::path& method_file,
                                 const Config& config) {
  const auto method = name == "bayesian" ? ScreeningMethod::kBayesian : ScreeningMethod::kThreshold;
  return without_lock([&](Caller&) { return std::make_shared<Method>(make_screener(method, method_file, config)); });
}

// A property that shows a raster of the mask.
template <typename Member>
auto raster(Member member) {
  return [member](const py::object& self) {
    const auto& found = self.cast<const FoundClouds&>();
    return array_view(member(found), {found.mask.height_px, found.mask.width_px}, self);
  };
}

}  // namespace

void add_methods(py::module_& module) {
  py::class_<FoundClouds, std::shared_ptr<FoundClouds>>(module, "Mask")
      .def_property_readonly("probability",
                             raster([](const auto& found) -> const auto& { return found.mask.cloud_probability; }))
      .def_property_readonly("flags", raster([](const auto& found) -> const auto& { return found.mask.flags; }))
      .def_property_readonly("latitude_deg",
                             raster([](const auto& found) -> const auto& { return found.geolocation.latitude_deg; }))
      .def_property_readonly("longitude_deg",
                             raster([](const auto& found) -> const auto& { return found.geolocation.longitude_deg; }))
      .def_property_readonly("flag_names", [](const FoundClouds& found) { return found.mask.flag_names; })
      .def_property_readonly("scene", [](const FoundClouds& found) { return found.origin.scene; })
      .def_property_readonly("view", [](const FoundClouds& found) { return to_string(found.origin.view); })
      .def_property_readonly("method", [](const FoundClouds& found) { return found.origin.method; })
      .def_property_readonly("model", [](const FoundClouds& found) { return found.origin.model; })
      .def_property_readonly("threshold", [](const FoundClouds& found) { return found.origin.threshold; })
      .def("save", [](const FoundClouds& found, const std::filesystem::path& path) {
        without_lock([&](Caller&) { write_mask(path, found.mask, found.origin, found.geolocation); });
      });
  py::class_<Method, std::shared_ptr<Method>>(module, "Method")
      .def("screen", &Method::screen, py::arg("scene"))
      .def_property_readonly("model", [](const Method& method) { return method.origin().model; })
      .def_property_readonly("threshold", [](const Method& method) { return method.origin().threshold; });
  module.def("load_network", &network, py::arg("model_file"), py::arg("config"));
  module.def("make_screener", &screener, py::arg("method"), py::arg("method_file"), py::arg("config"));
}

}  // namespace cloudmask::python
