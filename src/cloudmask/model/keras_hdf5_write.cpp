#include <algorithm>

#include "cloudmask/base/error.h"
#include "cloudmask/model/keras_hdf5.h"

namespace cloudmask {
namespace {

Hdf5Handle checked(hid_t id) {
  if (id < 0) throw Error("cannot be written; is the disk full?");
  return Hdf5Handle(id);
}

void check(herr_t status) {
  if (status < 0) throw Error("cannot be written; is the disk full?");
}

void write_attribute(const Hdf5Handle& object, const char* name, const Hdf5Handle& type, const Hdf5Handle& space,
                     const void* values) {
  const Hdf5Handle attribute =
      checked(H5Acreate2(object.get(), name, type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT));
  check(H5Awrite(attribute.get(), type.get(), values));
}

Hdf5Handle text_type(std::size_t width_bytes) {
  Hdf5Handle type = checked(H5Tcopy(H5T_C_S1));
  check(H5Tset_size(type.get(), std::max<std::size_t>(width_bytes, 1)));
  check(H5Tset_strpad(type.get(), H5T_STR_NULLPAD));
  check(H5Tset_cset(type.get(), H5T_CSET_UTF8));
  return type;
}

// Properties without time stamps: the same model gives the same bytes.
Hdf5Handle without_times(hid_t property_class) {
  Hdf5Handle properties = checked(H5Pcreate(property_class));
  check(H5Pset_obj_track_times(properties.get(), false));
  return properties;
}

}  // namespace

Hdf5Handle create_model_hdf5(const std::filesystem::path& file) {
  const Hdf5Handle access = checked(H5Pcreate(H5P_FILE_ACCESS));
  check(H5Pset_libver_bounds(access.get(), H5F_LIBVER_V110, H5F_LIBVER_V110));  // older forms lack checksums
  const Hdf5Handle creation = without_times(H5P_FILE_CREATE);
  return checked(H5Fcreate(file.c_str(), H5F_ACC_TRUNC, creation.get(), access.get()));
}

Hdf5Handle create_group(const Hdf5Handle& parent, const std::string& name) {
  const Hdf5Handle creation = without_times(H5P_GROUP_CREATE);
  return checked(H5Gcreate2(parent.get(), name.c_str(), H5P_DEFAULT, creation.get(), H5P_DEFAULT));
}

void write_text(const Hdf5Handle& object, const char* name, const std::string& text) {
  write_attribute(object, name, text_type(text.size()), checked(H5Screate(H5S_SCALAR)), text.c_str());
}

void write_texts(const Hdf5Handle& object, const char* name, const std::vector<std::string>& texts) {
  std::size_t width_bytes = 0;
  for (const std::string& text : texts) width_bytes = std::max(width_bytes, text.size());
  std::string block;
  for (std::string text : texts) {
    text.resize(width_bytes, '\0');
    block += text;
  }
  const hsize_t count = texts.size();
  write_attribute(object, name, text_type(width_bytes), checked(H5Screate_simple(1, &count, nullptr)), block.data());
}

void write_number(const Hdf5Handle& object, const char* name, double value) {
  write_attribute(object, name, checked(H5Tcopy(H5T_NATIVE_DOUBLE)), checked(H5Screate(H5S_SCALAR)), &value);
}

void write_floats(const Hdf5Handle& parent, const std::string& name, const std::vector<hsize_t>& shape,
                  const std::vector<float>& values) {
  const Hdf5Handle properties = without_times(H5P_DATASET_CREATE);
  check(H5Pset_chunk(properties.get(), static_cast<int>(shape.size()), shape.data()));
  check(H5Pset_fletcher32(properties.get()));
  const Hdf5Handle space = checked(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr));
  const Hdf5Handle dataset = checked(
      H5Dcreate2(parent.get(), name.c_str(), H5T_IEEE_F32LE, space.get(), H5P_DEFAULT, properties.get(), H5P_DEFAULT));
  check(H5Dwrite(dataset.get(), H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()));
}

}  // namespace cloudmask
