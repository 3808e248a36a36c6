#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cloudmask/base/hdf5_handle.h"
#include "cloudmask/base/read_only_file.h"

namespace cloudmask {

// Small pieces that the readers and writers of this layer share. Hold an Hdf5Lock around all of them.

/// Opens a file for reading. Throws Error: missing, empty, not HDF5 or truncated.
Hdf5Handle open_hdf5_file(const std::filesystem::path& file);

/// The same open file for reads that go around the library. Throws Error.
std::shared_ptr<const ReadOnlyFile> bytes_of(const Hdf5Handle& file_id, const std::filesystem::path& file);

/// A new file that keeps the order of its parts: netCDF tools change no other. Throws Error.
Hdf5Handle create_hdf5_file(const std::filesystem::path& file);

/// A new file in memory, for hdf5_image(): no fault of a disk reaches the library, which can fall over one at exit.
Hdf5Handle create_hdf5_in_memory();

/// The bytes of a file in memory. Throws Error: no memory.
std::string hdf5_image(const Hdf5Handle& file_id);

struct DatasetSpec {
  std::string name;
  std::vector<hsize_t> shape;
  hid_t type = H5I_INVALID_HID;  ///< in file and memory
  int deflate_level = 0;         ///< 0: contiguous
};

/// Makes a dataset and fills it; the same values give the same bytes. Throws Error (full disk, ...).
Hdf5Handle write_dataset(const std::filesystem::path& file, hid_t file_id, const DatasetSpec& spec, const void* values);

void write_attribute(hid_t object, const std::string& name, const std::string& value);
void write_attribute(hid_t object, const std::string& name, double value);
/// `count` numbers of `type`, in file and memory.
void write_attribute(hid_t object, const std::string& name, hid_t type, hsize_t count, const void* values);

/// Integers or floating point, all of whose bits lie within their bytes: of a damaged header they need not, and
/// HDF5 1.10 writes beyond its own memory when it converts them.
bool holds_numbers(hid_t type);

/// `otherwise` when the attribute is missing or of another type.
std::string read_text_attribute(hid_t object, const std::string& name, const std::string& otherwise);
double read_number_attribute(hid_t object, const std::string& name, double otherwise);

/// The numbers of a small dataset of any shape; none when it is missing or holds something else.
std::vector<float> read_number_list(hid_t file_id, const std::string& name);

}  // namespace cloudmask
