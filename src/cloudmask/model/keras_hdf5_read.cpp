#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "cloudmask/base/error.h"
#include "cloudmask/model/keras_hdf5.h"

namespace cloudmask {
namespace {

constexpr hsize_t kMaxTextBytes = hsize_t{16} << 20;

hsize_t product(const std::vector<hsize_t>& shape) {
  hsize_t values = 1;
  for (const hsize_t size : shape) values *= size;
  return values;
}

Hdf5Handle open_attribute(const Hdf5Handle& object, const char* name) {
  Hdf5Handle attribute(H5Aopen(object.get(), name, H5P_DEFAULT));
  if (!attribute.valid()) throw Error(fmt::format("attribute '{}' is missing or damaged", name));
  return attribute;
}

std::vector<std::string> read_variable_texts(const Hdf5Handle& attribute, const Hdf5Handle& type,
                                             const Hdf5Handle& space, std::size_t count, const char* name) {
  std::vector<char*> pointers(count, nullptr);
  if (H5Aread(attribute.get(), type.get(), pointers.data()) < 0) {
    throw Error(fmt::format("attribute '{}' is damaged", name));
  }
  std::vector<std::string> texts;
  texts.reserve(count);
  for (const char* text : pointers) texts.emplace_back(text == nullptr ? "" : text);
  H5Dvlen_reclaim(type.get(), space.get(), H5P_DEFAULT, pointers.data());
  return texts;
}

std::vector<hsize_t> shape_of(const Hdf5Handle& space) {
  const int rank = H5Sget_simple_extent_ndims(space.get());
  std::vector<hsize_t> shape(static_cast<std::size_t>(std::max(rank, 0)));
  H5Sget_simple_extent_dims(space.get(), shape.data(), nullptr);
  return shape;
}

// H5L_elink_traverse_t: HDF5 calls it before it follows a link to another file; a negative answer stops it.
herr_t refuse_link(const char* /*file*/, const char* /*group*/, const char* other_file, const char* /*object*/,
                   unsigned* /*access*/, hid_t /*access_list*/, void* target) {
  *static_cast<std::string*>(target) = other_file;
  return -1;
}

// Data elsewhere is not the model's, and a chunk is read as a whole, whatever part of it the dataset uses.
void check_layout(const Hdf5Handle& dataset, hsize_t values, const std::string& path) {
  const Hdf5Handle properties(H5Dget_create_plist(dataset.get()));
  const H5D_layout_t layout = H5Pget_layout(properties.get());
  if (layout == H5D_VIRTUAL || H5Pget_external_count(properties.get()) != 0) {
    throw Error(fmt::format("dataset '{}' is stored outside the file", path));
  }
  if (layout != H5D_CHUNKED) return;
  std::vector<hsize_t> chunk(H5S_MAX_RANK);
  chunk.resize(static_cast<std::size_t>(std::max(H5Pget_chunk(properties.get(), H5S_MAX_RANK, chunk.data()), 0)));
  if (product(chunk) > values) throw Error(fmt::format("dataset '{}' has chunks larger than itself", path));
}

}  // namespace

Hdf5Handle open_hdf5(const std::filesystem::path& file) {
  const Hdf5Handle access(H5Pcreate(H5P_FILE_ACCESS));
  H5Pset_file_locking(access.get(), /*use_file_locking=*/0, /*ignore_when_disabled=*/1);  // fails on some file systems
  Hdf5Handle opened(H5Fopen(file.c_str(), H5F_ACC_RDONLY, access.get()));
  if (!opened.valid()) throw Error("damaged or cut off, HDF5 cannot open it");
  return opened;
}

Hdf5Handle open_hdf5_image(std::string_view bytes) {
  const Hdf5Handle access(H5Pcreate(H5P_FILE_ACCESS));
  H5Pset_fapl_core(access.get(), /*increment=*/1 << 16, /*backing_store=*/0);
  H5Pset_file_image(access.get(), const_cast<char*>(bytes.data()), bytes.size());  // copied, not changed
  Hdf5Handle opened(H5Fopen("model.weights.h5", H5F_ACC_RDONLY, access.get()));
  if (!opened.valid()) throw Error("model.weights.h5 is damaged or cut off, HDF5 cannot open it");
  return opened;
}

Hdf5Handle open_object(const Hdf5Handle& parent, const std::string& path) {
  const Hdf5Handle access(H5Pcreate(H5P_LINK_ACCESS));
  std::string other_file;
  H5Pset_elink_cb(access.get(), refuse_link, &other_file);
  Hdf5Handle object(H5Oopen(parent.get(), path.c_str(), access.get()));
  if (!other_file.empty()) {
    throw Error(
        fmt::format("'{}' is a link to another file, '{}'; a model must be whole in one file", path, other_file));
  }
  return object;
}

bool has_attribute(const Hdf5Handle& object, const char* name) { return H5Aexists(object.get(), name) > 0; }

std::vector<std::string> read_texts(const Hdf5Handle& object, const char* name) {
  const Hdf5Handle attribute = open_attribute(object, name);
  const Hdf5Handle type(H5Aget_type(attribute.get()));
  const Hdf5Handle space(H5Aget_space(attribute.get()));
  const hssize_t points = H5Sget_simple_extent_npoints(space.get());
  const std::size_t width_bytes = H5Tget_size(type.get());
  if (H5Tget_class(type.get()) != H5T_STRING || points < 0 || width_bytes == 0 ||
      static_cast<hsize_t>(points) > kMaxTextBytes / width_bytes) {
    throw Error(fmt::format("attribute '{}' is not text of at most 16 MiB", name));
  }
  const auto count = static_cast<std::size_t>(points);
  if (H5Tis_variable_str(type.get()) > 0) return read_variable_texts(attribute, type, space, count, name);
  std::string block(count * width_bytes, '\0');
  if (count > 0 && H5Aread(attribute.get(), type.get(), block.data()) < 0) {
    throw Error(fmt::format("attribute '{}' is damaged", name));
  }
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string text = block.substr(i * width_bytes, width_bytes);
    texts.push_back(text.substr(0, text.find('\0')));
  }
  return texts;
}

std::string read_text(const Hdf5Handle& object, const char* name) {
  const auto texts = read_texts(object, name);
  if (texts.size() != 1) throw Error(fmt::format("attribute '{}' holds {} texts, wanted 1", name, texts.size()));
  return texts.front();
}

double read_number(const Hdf5Handle& object, const char* name) {
  const Hdf5Handle attribute = open_attribute(object, name);
  const Hdf5Handle space(H5Aget_space(attribute.get()));
  double value = 0;
  if (H5Sget_simple_extent_npoints(space.get()) != 1 || H5Aread(attribute.get(), H5T_NATIVE_DOUBLE, &value) < 0) {
    throw Error(fmt::format("attribute '{}' is not one number", name));
  }
  return value;
}

std::vector<float> read_floats(const Hdf5Handle& parent, const std::string& path, const std::vector<hsize_t>& shape) {
  const Hdf5Handle dataset = open_object(parent, path);
  if (!dataset.valid() || H5Iget_type(dataset.get()) != H5I_DATASET) {
    throw Error(fmt::format("dataset '{}' is missing", path));
  }
  const Hdf5Handle type(H5Dget_type(dataset.get()));
  if (H5Tget_class(type.get()) != H5T_FLOAT) throw Error(fmt::format("dataset '{}' is not of floating point", path));
  const auto found = shape_of(Hdf5Handle(H5Dget_space(dataset.get())));
  if (found != shape) {
    throw Error(
        fmt::format("dataset '{}' has shape [{}], wanted [{}]", path, fmt::join(found, ", "), fmt::join(shape, ", ")));
  }
  check_layout(dataset, product(shape), path);
  if (H5Dget_storage_size(dataset.get()) == 0) throw Error(fmt::format("dataset '{}' was never written", path));
  std::vector<float> values(product(shape));
  if (H5Dread(dataset.get(), H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0) {
    throw Error(fmt::format("dataset '{}' is damaged", path));
  }
  if (!std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); })) {
    throw Error(fmt::format("dataset '{}' holds values that are not finite", path));
  }
  return values;
}

}  // namespace cloudmask
