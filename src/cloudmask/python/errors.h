#pragma once

#include <pybind11/pybind11.h>

namespace cloudmask::python {

/// Error (a RuntimeError), UsageError (an Error and a ValueError) and Interrupted (an Error), as base/error.h has them.
void add_errors(pybind11::module_& module);

}  // namespace cloudmask::python
