#include "cloudmask/scene/hdf5_io.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "cloudmask/base/error.h"
#include "cloudmask/scene/deflated_chunks.h"

namespace cloudmask {

namespace fs = std::filesystem;

Hdf5Handle open_hdf5_file(const fs::path& file) {
  std::error_code error;
  const auto size_bytes = fs::file_size(file, error);
  if (error) throw Error(fmt::format("{}: cannot be read: {}", file.string(), error.message()));
  if (size_bytes == 0) throw Error(fmt::format("{}: is empty, wanted an HDF5 file", file.string()));
  const Hdf5Handle access(H5Pcreate(H5P_FILE_ACCESS));
  H5Pset_fapl_sec2(access.get());  // plain files, whatever HDF5_DRIVER says
  // Locks fail on many parallel file systems, and nobody writes to a file under its final name.
  H5Pset_file_locking(access.get(), /*use_file_locking=*/0, /*ignore_when_disabled=*/1);
  Hdf5Handle opened(H5Fopen(file.c_str(), H5F_ACC_RDONLY, access.get()));
  if (opened.valid()) return opened;
  const bool signed_as_hdf5 = H5Fis_hdf5(file.c_str()) > 0;
  throw Error(fmt::format("{}: {} ({} bytes)", file.string(),
                          signed_as_hdf5 ? "is a truncated or damaged HDF5 file; get it again"
                                         : "is not an HDF5 file, or its permissions forbid to read it",
                          size_bytes));
}

std::shared_ptr<const ReadOnlyFile> bytes_of(const Hdf5Handle& file_id, const fs::path& file) {
  void* descriptor = nullptr;
  if (H5Fget_vfd_handle(file_id.get(), H5P_DEFAULT, &descriptor) < 0 || descriptor == nullptr) {
    throw Error(fmt::format("{}: cannot be read: the HDF5 library does not give its descriptor", file.string()));
  }
  return std::make_shared<const ReadOnlyFile>(file, *static_cast<const int*>(descriptor));
}

namespace {

Hdf5Handle properties_in_order() {
  Hdf5Handle properties(H5Pcreate(H5P_FILE_CREATE));
  H5Pset_link_creation_order(properties.get(), H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
  return properties;
}

}  // namespace

Hdf5Handle create_hdf5_file(const fs::path& file) {
  Hdf5Handle created(H5Fcreate(file.c_str(), H5F_ACC_TRUNC, properties_in_order().get(), H5P_DEFAULT));
  if (!created.valid()) throw Error(fmt::format("{}: cannot be made; is the folder writable?", file.string()));
  return created;
}

Hdf5Handle create_hdf5_in_memory() {
  constexpr std::size_t kIncrementBytes = std::size_t{8} << 20U;
  const Hdf5Handle access(H5Pcreate(H5P_FILE_ACCESS));
  H5Pset_fapl_core(access.get(), kIncrementBytes, /*backing_store=*/0);
  Hdf5Handle created(H5Fcreate("in memory", H5F_ACC_TRUNC, properties_in_order().get(), access.get()));
  CM_CHECK(created.valid());
  return created;
}

std::string hdf5_image(const Hdf5Handle& file_id) {
  const bool complete = H5Fflush(file_id.get(), H5F_SCOPE_LOCAL) >= 0;  // the image is what has been flushed
  const ssize_t bytes = complete ? H5Fget_file_image(file_id.get(), nullptr, 0) : 0;
  std::string image(static_cast<std::size_t>(std::max<ssize_t>(bytes, 0)), '\0');
  if (bytes <= 0 || H5Fget_file_image(file_id.get(), image.data(), image.size()) != bytes) {
    throw Error("an HDF5 file in memory cannot be completed; is memory exhausted?");
  }
  return image;
}

namespace {

// About 100 rows a chunk: small enough for partial reads, large enough for deflate.
std::vector<hsize_t> chunk_shape(std::vector<hsize_t> shape) {
  constexpr hsize_t kChunkRows = 100;
  const auto rows = std::max_element(shape.begin(), shape.end() - (shape.size() > 2 ? 1 : 0));
  *rows = std::min(*rows, kChunkRows);
  return shape;
}

}  // namespace

Hdf5Handle write_dataset(const fs::path& file, hid_t file_id, const DatasetSpec& spec, const void* values) {
  const Hdf5Handle space(H5Screate_simple(static_cast<int>(spec.shape.size()), spec.shape.data(), nullptr));
  const Hdf5Handle properties(H5Pcreate(H5P_DATASET_CREATE));
  H5Pset_obj_track_times(properties.get(), false);  // a time stamp would make equal scenes differ
  const bool deflated = spec.deflate_level > 0;
  const auto chunk = chunk_shape(spec.shape);
  if (deflated) {
    H5Pset_chunk(properties.get(), static_cast<int>(chunk.size()), chunk.data());
    H5Pset_shuffle(properties.get());
    H5Pset_deflate(properties.get(), static_cast<unsigned>(spec.deflate_level));
  }
  Hdf5Handle dataset(
      H5Dcreate2(file_id, spec.name.c_str(), spec.type, space.get(), H5P_DEFAULT, properties.get(), H5P_DEFAULT));
  const auto fill = [&] {
    if (!deflated) return H5Dwrite(dataset.get(), spec.type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0;
    return write_deflated(dataset.get(), spec.shape, chunk, H5Tget_size(spec.type), spec.deflate_level, values);
  };
  if (!dataset.valid() || !fill()) {
    throw Error(fmt::format("{}: dataset {} cannot be written; is the disk full?", file.string(), spec.name));
  }
  return dataset;
}

void write_attribute(hid_t object, const std::string& name, const std::string& value) {
  const Hdf5Handle type(H5Tcopy(H5T_C_S1));
  H5Tset_size(type.get(), H5T_VARIABLE);  // h5py and xarray make text of it, and bytes of fixed lengths
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  const Hdf5Handle space(H5Screate(H5S_SCALAR));
  const Hdf5Handle attribute(H5Acreate2(object, name.c_str(), type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT));
  const char* const text = value.c_str();
  if (!attribute.valid() || H5Awrite(attribute.get(), type.get(), &text) < 0) {
    throw Error(fmt::format("attribute {} cannot be written; is the disk full?", name));
  }
}

void write_attribute(hid_t object, const std::string& name, double value) {
  const Hdf5Handle space(H5Screate(H5S_SCALAR));
  const Hdf5Handle attribute(H5Acreate2(object, name.c_str(), H5T_IEEE_F64LE, space.get(), H5P_DEFAULT, H5P_DEFAULT));
  if (!attribute.valid() || H5Awrite(attribute.get(), H5T_NATIVE_DOUBLE, &value) < 0) {
    throw Error(fmt::format("attribute {} cannot be written; is the disk full?", name));
  }
}

void write_attribute(hid_t object, const std::string& name, hid_t type, hsize_t count, const void* values) {
  const Hdf5Handle space(H5Screate_simple(1, &count, nullptr));
  const Hdf5Handle attribute(H5Acreate2(object, name.c_str(), type, space.get(), H5P_DEFAULT, H5P_DEFAULT));
  if (!attribute.valid() || H5Awrite(attribute.get(), type, values) < 0) {
    throw Error(fmt::format("attribute {} cannot be written; is the disk full?", name));
  }
}

bool holds_numbers(hid_t type) {
  const std::size_t bits = 8 * H5Tget_size(type);
  const H5T_class_t found = H5Tget_class(type);
  if (found != H5T_INTEGER && found != H5T_FLOAT) return false;
  const auto inside = [&](std::size_t first, std::size_t count) { return first <= bits && count <= bits - first; };
  const int first = H5Tget_offset(type);
  if (first < 0 || !inside(static_cast<std::size_t>(first), H5Tget_precision(type))) return false;
  if (found == H5T_INTEGER) return true;
  std::size_t sign = 0;
  std::size_t exponent = 0;
  std::size_t exponent_bits = 0;
  std::size_t mantissa = 0;
  std::size_t mantissa_bits = 0;
  return H5Tget_fields(type, &sign, &exponent, &exponent_bits, &mantissa, &mantissa_bits) >= 0 && inside(sign, 1) &&
         inside(exponent, exponent_bits) && inside(mantissa, mantissa_bits);
}

namespace {

// The attribute if it is there, holds one value and is of a type that `wanted` is true for.
Hdf5Handle open_scalar_attribute(hid_t object, const std::string& name, const std::function<bool(hid_t)>& wanted) {
  if (H5Aexists(object, name.c_str()) <= 0) return {};
  Hdf5Handle attribute(H5Aopen(object, name.c_str(), H5P_DEFAULT));
  const Hdf5Handle space(attribute.valid() ? H5Aget_space(attribute.get()) : H5I_INVALID_HID);
  const Hdf5Handle type(attribute.valid() ? H5Aget_type(attribute.get()) : H5I_INVALID_HID);
  if (!space.valid() || !type.valid() || H5Sget_simple_extent_npoints(space.get()) != 1) return {};
  if (!wanted(type.get())) return {};
  return attribute;
}

}  // namespace

std::string read_text_attribute(hid_t object, const std::string& name, const std::string& otherwise) {
  constexpr std::size_t kMaxTextBytes = 1 << 16;
  const Hdf5Handle attribute =
      open_scalar_attribute(object, name, [](hid_t type) { return H5Tget_class(type) == H5T_STRING; });
  if (!attribute.valid()) return otherwise;
  const Hdf5Handle type(H5Aget_type(attribute.get()));
  if (H5Tis_variable_str(type.get()) > 0) {
    char* text = nullptr;
    if (H5Aread(attribute.get(), type.get(), &text) < 0 || text == nullptr) return otherwise;
    std::string value(text);
    H5free_memory(text);
    return value;
  }
  const std::size_t size_bytes = H5Tget_size(type.get());
  if (size_bytes > kMaxTextBytes) return otherwise;
  std::string value(size_bytes, '\0');
  if (H5Aread(attribute.get(), type.get(), value.data()) < 0) return otherwise;
  return value.substr(0, value.find('\0'));
}

double read_number_attribute(hid_t object, const std::string& name, double otherwise) {
  const Hdf5Handle attribute = open_scalar_attribute(object, name, holds_numbers);
  double value = otherwise;
  if (attribute.valid() && H5Aread(attribute.get(), H5T_NATIVE_DOUBLE, &value) < 0) return otherwise;
  return value;
}

std::vector<float> read_number_list(hid_t file_id, const std::string& name) {
  constexpr hssize_t kMaxNumbers = 256;
  if (H5Lexists(file_id, name.c_str(), H5P_DEFAULT) <= 0) return {};
  const Hdf5Handle dataset(H5Dopen2(file_id, name.c_str(), H5P_DEFAULT));
  const Hdf5Handle space(dataset.valid() ? H5Dget_space(dataset.get()) : H5I_INVALID_HID);
  const Hdf5Handle type(dataset.valid() ? H5Dget_type(dataset.get()) : H5I_INVALID_HID);
  if (!space.valid() || !type.valid()) return {};
  const hssize_t count = H5Sget_simple_extent_npoints(space.get());
  if (!holds_numbers(type.get()) || count < 1 || count > kMaxNumbers) return {};
  std::vector<float> numbers(static_cast<std::size_t>(count));
  const bool read = H5Dread(dataset.get(), H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers.data()) >= 0;
  return read ? numbers : std::vector<float>();
}

}  // namespace cloudmask
