#pragma once

#include <map>
#include <string>

#include "cloudmask/base/hdf5_handle.h"
#include "cloudmask/model/model_file.h"

namespace cloudmask {

/// Our attributes of a model file's root: cloudmask_format_version, _normalisation, _input (the scaling in words),
/// _threshold, _written_by, _training (JSON object of texts).
void write_notes(const Hdf5Handle& root, const ModelContent& content);

/// Defaults for a file of plain Keras. Throws Error for notes of a newer format and for damaged ones.
ModelNotes read_notes(const Hdf5Handle& root);

/// The same as texts by name, for a graph whose input is physical channels.
std::map<std::string, std::string> notes_as_texts(const ModelContent& content);
ModelNotes notes_from_texts(const std::map<std::string, std::string>& texts);

}  // namespace cloudmask
