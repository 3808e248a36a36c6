#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cloudmask/base/hdf5_handle.h"

namespace cloudmask {

// What model files need of HDF5. The caller holds an Hdf5Lock. Errors do not name the file: the caller adds it.

/// A file on disk, or one that lies in memory; neither can be changed. Throws Error when it is not HDF5 or damaged.
Hdf5Handle open_hdf5(const std::filesystem::path& file);
Hdf5Handle open_hdf5_image(std::string_view bytes);

/// An object below `parent`; not valid when there is none. Throws Error when the path leads into another file.
Hdf5Handle open_object(const Hdf5Handle& parent, const std::string& path);

bool has_attribute(const Hdf5Handle& object, const char* name);

/// Text of fixed or variable length, one or many. Throws Error for another type, and above 16 MiB.
std::vector<std::string> read_texts(const Hdf5Handle& object, const char* name);
std::string read_text(const Hdf5Handle& object, const char* name);
double read_number(const Hdf5Handle& object, const char* name);

/// The values of a floating-point dataset of exactly this shape, all finite. Throws Error naming the dataset.
std::vector<float> read_floats(const Hdf5Handle& parent, const std::string& path, const std::vector<hsize_t>& shape);

/// A new file whose metadata and data carry checksums, without time stamps.
Hdf5Handle create_model_hdf5(const std::filesystem::path& file);

Hdf5Handle create_group(const Hdf5Handle& parent, const std::string& name);
void write_text(const Hdf5Handle& object, const char* name, const std::string& text);
void write_texts(const Hdf5Handle& object, const char* name, const std::vector<std::string>& texts);
void write_number(const Hdf5Handle& object, const char* name, double value);
void write_floats(const Hdf5Handle& parent, const std::string& name, const std::vector<hsize_t>& shape,
                  const std::vector<float>& values);

}  // namespace cloudmask
