#pragma once

#include <filesystem>

#include "cloudmask/model/model_file.h"

namespace cloudmask {

/// The model as an ONNX graph (onnx_unet.h) with its notes as metadata_props. Whole or not at all. Throws Error.
void write_onnx_model(const std::filesystem::path& file, const ModelContent& content);

/// Reads ours, weights and notes as they were bit for bit, and the network alone as PyTorch exports it (onnx_unet.h).
/// Throws Error for everything else: another architecture, a damaged file, values in other files, above 2 GiB.
ModelContent read_onnx_model(const std::filesystem::path& file);

}  // namespace cloudmask
