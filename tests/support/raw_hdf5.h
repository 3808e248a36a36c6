#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cloudmask/base/hdf5_handle.h"

namespace cloudmask {

struct RawStorage {
  std::vector<hsize_t> chunk = {};
  int deflate = 0;
  bool shuffle = false;
  bool fletcher32 = false;
  hid_t file_type = H5T_IEEE_F32LE;
  double fill_value = 0;
  bool has_fill_value = false;
  double scale_factor = 1;
};

/// Writes HDF5 files of any form, malformed ones above all, without the code under test.
class RawHdf5 {
 public:
  explicit RawHdf5(const std::filesystem::path& file, hsize_t user_block_bytes = 0) {
    const Hdf5Handle properties(H5Pcreate(H5P_FILE_CREATE));
    H5Pset_userblock(properties.get(), user_block_bytes);
    file_ = Hdf5Handle(H5Fcreate(file.c_str(), H5F_ACC_TRUNC, properties.get(), H5P_DEFAULT));
  }

  /// All values `value`.
  void add(const std::string& name, const std::vector<hsize_t>& shape, float value, const RawStorage& storage = {}) {
    hsize_t count = 1;
    for (const hsize_t size : shape) count *= size;
    add(name, shape, std::vector<float>(count, value), storage);
  }

  void add(const std::string& name, const std::vector<hsize_t>& shape, const std::vector<float>& values,
           const RawStorage& storage = {}) {
    const Hdf5Handle dataset = make(name, shape, storage);
    H5Dwrite(dataset.get(), H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    if (storage.has_fill_value) number(dataset, "_FillValue", storage.fill_value);
    if (storage.scale_factor != 1) number(dataset, "scale_factor", storage.scale_factor);
  }

  /// A chunk's bytes as they are to lie in the file; bit i of `skipped` says that filter i was not applied.
  struct RawChunk {
    std::vector<hsize_t> first;
    std::string bytes;
    unsigned skipped = 0;
  };
  void add_chunks(const std::string& name, const std::vector<hsize_t>& shape, const RawStorage& storage,
                  const std::vector<RawChunk>& chunks) {
    const Hdf5Handle dataset = make(name, shape, storage);
    for (const RawChunk& chunk : chunks) {
      H5Dwrite_chunk(dataset.get(), H5P_DEFAULT, chunk.skipped, chunk.first.data(), chunk.bytes.size(),
                     chunk.bytes.data());
    }
  }

  void add_text(const std::string& name, const std::vector<hsize_t>& shape) {
    const Hdf5Handle type(H5Tcopy(H5T_C_S1));
    const Hdf5Handle space(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr));
    const Hdf5Handle dataset(
        H5Dcreate2(file_.get(), name.c_str(), type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  }

  void add_unwritten(const std::string& name, const std::vector<hsize_t>& shape) {
    const Hdf5Handle space(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr));
    const Hdf5Handle dataset(
        H5Dcreate2(file_.get(), name.c_str(), H5T_IEEE_F32LE, space.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  }

  void add_external_link(const std::string& name, const std::string& other_file) {
    H5Lcreate_external(other_file.c_str(), name.c_str(), file_.get(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT);
  }

  void add_group(const std::string& name) {
    const Hdf5Handle group(H5Gcreate2(file_.get(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  }

 private:
  Hdf5Handle make(const std::string& name, const std::vector<hsize_t>& shape, const RawStorage& storage) {
    const Hdf5Handle space(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr));
    const Hdf5Handle properties(H5Pcreate(H5P_DATASET_CREATE));
    if (!storage.chunk.empty()) {
      H5Pset_chunk(properties.get(), static_cast<int>(storage.chunk.size()), storage.chunk.data());
      if (storage.shuffle) H5Pset_shuffle(properties.get());
      if (storage.deflate > 0) H5Pset_deflate(properties.get(), static_cast<unsigned>(storage.deflate));
      if (storage.fletcher32) H5Pset_fletcher32(properties.get());
    }
    return Hdf5Handle(H5Dcreate2(file_.get(), name.c_str(), storage.file_type, space.get(), H5P_DEFAULT,
                                 properties.get(), H5P_DEFAULT));
  }

  static void number(const Hdf5Handle& object, const char* name, double value) {
    const Hdf5Handle space(H5Screate(H5S_SCALAR));
    const Hdf5Handle attribute(H5Acreate2(object.get(), name, H5T_IEEE_F64LE, space.get(), H5P_DEFAULT, H5P_DEFAULT));
    H5Awrite(attribute.get(), H5T_NATIVE_DOUBLE, &value);
  }

  Hdf5Handle file_;
};

}  // namespace cloudmask
