#include "cloudmask/python/errors.h"

#include <string>

#include "cloudmask/base/error.h"

namespace cloudmask::python {

namespace py = pybind11;

namespace {

// They live as long as the process: a translator may need them while Python ends.
PyObject* error_class = nullptr;
PyObject* usage_error_class = nullptr;
PyObject* interrupted_class = nullptr;

PyObject* add_class(py::module_& module, const char* name, const char* documentation, const py::tuple& bases) {
  const std::string full_name = std::string("cloudmask.") + name;
  PyObject* const made = PyErr_NewExceptionWithDoc(full_name.c_str(), documentation, bases.ptr(), nullptr);
  if (made == nullptr) throw py::error_already_set();
  module.add_object(name, py::reinterpret_borrow<py::object>(made));
  return made;
}

// Messages name files, whose names may hold any bytes.
void raise(PyObject* type, const char* message) {
  const std::string text = message;
  PyObject* const decoded = PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "surrogateescape");
  if (decoded == nullptr) return;
  PyErr_SetObject(type, decoded);
  Py_DECREF(decoded);
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): as pybind11 calls it
void translate(std::exception_ptr fault) {
  try {
    if (fault) std::rethrow_exception(fault);
  } catch (const UsageError& error) {
    raise(usage_error_class, error.what());
  } catch (const Interrupted& error) {
    raise(interrupted_class, error.what());
  } catch (const Error& error) {
    raise(error_class, error.what());
  }
}

}  // namespace

void add_errors(py::module_& module) {
  const auto type = [](PyObject* object) { return py::reinterpret_borrow<py::object>(object); };
  error_class = add_class(module, "Error", "The work failed: the message says what is wrong, where, and what to do.",
                          py::make_tuple(type(PyExc_RuntimeError)));
  usage_error_class = add_class(module, "UsageError",
                                "Wrong usage or configuration: the message says what was given and what is taken.",
                                py::make_tuple(type(error_class), type(PyExc_ValueError)));
  interrupted_class =
      add_class(module, "Interrupted", "Stopped because the main thread of the process was interrupted (Ctrl-C).",
                py::make_tuple(type(error_class)));
  py::register_local_exception_translator(translate);
}

}  // namespace cloudmask::python
