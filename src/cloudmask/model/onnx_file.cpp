#include "cloudmask/model/onnx_file.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/base/version.h"
#include "cloudmask/model/model_notes.h"
#include "cloudmask/model/onnx_unet.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;

OnnxModel read_messages(const fs::path& file) {
  require_regular_file(file);
  std::error_code failure;
  const std::uintmax_t bytes = fs::file_size(file, failure);
  if (failure || bytes > kMaxOnnxBytes) throw Error("larger than 2 GiB, which no ONNX file is");
  return decode_onnx(read_file(file));
}

}  // namespace

void write_onnx_model(const fs::path& file, const ModelContent& content) {
  OnnxModel model = make_onnx_unet(content);
  model.producer_name = "cloudmask";
  model.producer_version = kVersion;
  model.metadata = notes_as_texts(content);
  write_file_atomically(file, encode_onnx(model));
}

ModelContent read_onnx_model(const fs::path& file) {
  try {
    const OnnxModel model = read_messages(file);
    ModelContent content = match_onnx_unet(model);
    content.notes = notes_from_texts(model.metadata);
    return content;
  } catch (const nlohmann::json::exception& fault) {
    throw Error(fmt::format("model {}: cloudmask's metadata are damaged: {}", file.string(), fault.what()));
  } catch (const Error& fault) {
    throw Error(fmt::format("model {}: {}", file.string(), fault.what()));
  }
}

}  // namespace cloudmask
