#pragma once

#include <pybind11/numpy.h>

#include <utility>
#include <vector>

namespace cloudmask::python {

/// The numbers of a vector as an array that owns nothing: `owner`, a Python object whose life the vector shares, is
/// kept alive by it. None when the vector is empty.
template <typename Vector>
pybind11::object array_view(const Vector& values, std::vector<pybind11::ssize_t> shape, const pybind11::object& owner) {
  if (values.empty()) return pybind11::none();
  return pybind11::array_t<typename Vector::value_type>(std::move(shape), values.data(), owner);
}

}  // namespace cloudmask::python
