#pragma once

#include <filesystem>

#include "cloudmask/model/model_content.h"

namespace cloudmask {

/// `<model file>.checkpoint`: where training keeps its state (training/checkpoint.h).
std::filesystem::path checkpoint_path(const std::filesystem::path& model_file);

/// Proves before training that the model and its checkpoint can be written. Throws Error naming the key `model_file`.
void require_writable_model(const std::filesystem::path& model_file);

/// Keras' HDF5 format with `model_config`: `tf.keras.models.load_model` opens it. Whole or not at all. Throws Error,
/// also for weights that are not finite.
void write_model(const std::filesystem::path& file, const ModelContent& content);

/// Reads ours, HDF5 models that Keras 2 and Keras 3 saved, and `.keras` archives (told apart by content). Layer names
/// do not matter, the graph does: another architecture is an Error that names the first difference.
ModelContent read_model(const std::filesystem::path& file);

/// Throws Error, which does not name it, when the file is not there or is a folder or device.
void require_regular_file(const std::filesystem::path& file);

}  // namespace cloudmask
