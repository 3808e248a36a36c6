#pragma once

#include <pybind11/pybind11.h>

namespace cloudmask::python {

// Each adds its part to the module `cloudmask._core`, which python/cloudmask puts into the form that users see.
void add_scenes(pybind11::module_& module);
void add_methods(pybind11::module_& module);
void add_runs(pybind11::module_& module);

}  // namespace cloudmask::python
