#include <pybind11/pybind11.h>

#include "cloudmask/base/log.h"
#include "cloudmask/base/version.h"
#include "cloudmask/python/bindings.h"
#include "cloudmask/python/errors.h"

namespace cloudmask::python {
namespace {

namespace py = pybind11;

int python_level(LogSeverity severity) {
  switch (severity) {
    case LogSeverity::kDetail:
      return 10;
    case LogSeverity::kInfo:
      return 20;
    case LogSeverity::kWarning:
      return 30;
    case LogSeverity::kError:
      break;
  }
  return 40;
}

// Messages go to Python's logger `cloudmask`. It is never given back: threads may speak until the process ends.
void log_to_python() {
  PyObject* const logger = py::module_::import("logging").attr("getLogger")("cloudmask").release().ptr();
  set_log_receiver([logger](LogSeverity severity, std::string_view message) {
    const py::gil_scoped_acquire locked;
    try {
      const auto text = py::reinterpret_steal<py::object>(
          PyUnicode_DecodeUTF8(message.data(), static_cast<py::ssize_t>(message.size()), "surrogateescape"));
      py::handle(logger).attr("log")(python_level(severity), text);
    } catch (py::error_already_set& fault) {
      fault.discard_as_unraisable("cloudmask's message to logging");
    }
  });
}

}  // namespace
}  // namespace cloudmask::python

PYBIND11_MODULE(_core, module) {
  using namespace cloudmask::python;
  module.doc() = "libcloudmask as python/cloudmask needs it";
  module.attr("__version__") = cloudmask::kVersion;
  log_to_python();
  add_errors(module);
  add_scenes(module);
  add_methods(module);
  add_runs(module);
}
