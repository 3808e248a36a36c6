#include "cloudmask/model/model_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>

#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/model/keras_archive.h"
#include "cloudmask/model/keras_hdf5.h"
#include "cloudmask/model/keras_unet.h"
#include "cloudmask/model/model_notes.h"

namespace cloudmask {
namespace {

namespace fs = std::filesystem;

std::vector<hsize_t> kernel_shape(const ConvWeights& conv) {
  const auto size = [](int value) { return static_cast<hsize_t>(value); };
  return {size(conv.kernel_px), size(conv.kernel_px), size(conv.in_channels), size(conv.out_channels)};
}

std::vector<hsize_t> bias_shape(const ConvWeights& conv) { return {static_cast<hsize_t>(conv.out_channels)}; }

struct WeightPaths {
  std::string kernel;
  std::string bias;
};
using FindWeights = std::function<WeightPaths(const std::string& layer)>;

ModelContent read_content(const Hdf5Handle& root, const KerasUNet& unet, const FindWeights& find) {
  ModelContent content = unet_without_weights(unet.options, unet.spectral_filters);
  const auto read = [&](ConvWeights& conv, const std::string& layer) {
    const WeightPaths paths = find(layer);
    conv.kernel = read_floats(root, paths.kernel, kernel_shape(conv));
    conv.bias = read_floats(root, paths.bias, bias_shape(conv));
  };
  if (unet.spectral_filters > 0) read(content.spectral, unet.spectral);
  for (std::size_t i = 0; i < content.convolutions.size(); ++i) read(content.convolutions[i], unet.convolutions.at(i));
  return content;
}

// model_weights/<layer>, where the attribute weight_names lists the datasets: kernel, bias.
WeightPaths legacy_weights(const Hdf5Handle& root, const std::string& layer) {
  const std::string group_path = "model_weights/" + layer;
  const Hdf5Handle group = open_object(root, group_path);
  if (!group.valid()) throw Error(fmt::format("group '{}' is missing", group_path));
  const auto names = read_texts(group, "weight_names");
  if (names.size() != 2) {
    throw Error(fmt::format("group '{}' has {} weights, wanted kernel and bias", group_path, names.size()));
  }
  return {group_path + "/" + names[0], group_path + "/" + names[1]};
}

ModelContent read_hdf5_model(const fs::path& file) {
  const Hdf5Lock lock;
  const Hdf5Handle root = open_hdf5(file);
  if (!has_attribute(root, "model_config")) {
    throw Error("attribute 'model_config' is missing; save the whole model (model.save), not its weights alone");
  }
  const KerasUNet unet = match_unet(parse_keras_graph(read_text(root, "model_config")));
  ModelContent content =
      read_content(root, unet, [&](const std::string& layer) { return legacy_weights(root, layer); });
  content.notes = read_notes(root);
  return content;
}

// Keras' archives name a layer's weights after its class and its place among the layers of that class.
WeightPaths archive_weights(const KerasGraph& graph, const std::string& layer) {
  int before = 0;
  for (const KerasLayer& other : graph.layers) {
    if (other.name == layer) break;
    if (other.class_name == "Conv2D") ++before;
  }
  const std::string folder = before == 0 ? "layers/conv2d/vars/" : fmt::format("layers/conv2d_{}/vars/", before);
  return {folder + "0", folder + "1"};
}

ModelContent read_archive_model(const fs::path& file) {
  const KerasArchive archive = read_keras_archive(file);
  const KerasGraph graph = parse_keras_graph(archive.config);
  const KerasUNet unet = match_unet(graph);
  const Hdf5Lock lock;
  return read_content(open_hdf5_image(archive.weights), unet,
                      [&](const std::string& layer) { return archive_weights(graph, layer); });
}

bool is_archive(const fs::path& file) {
  std::array<char, 4> start{};
  if (!std::ifstream(file, std::ios::binary).read(start.data(), start.size())) {
    throw Error("not a model file: empty or unreadable, wanted Keras' .h5 or .keras");
  }
  if (start == std::array{'P', 'K', '\x03', '\x04'}) return true;
  const Hdf5Lock lock;
  if (H5Fis_hdf5(file.c_str()) <= 0) {
    throw Error(
        "not a model file: neither HDF5 nor zip, wanted Keras' .h5 or .keras; for ONNX: cloudmask import --from onnx");
  }
  return false;
}

void check_shapes(const ModelContent& content) {
  const ModelContent wanted = unet_without_weights(content.options, content.spectral.out_channels);
  const auto check = [](const ConvWeights& conv, const ConvWeights& form) {
    CM_CHECK(kernel_shape(conv) == kernel_shape(form));
    const auto outputs = static_cast<std::size_t>(conv.out_channels);
    CM_CHECK(conv.bias.size() == outputs);
    CM_CHECK(conv.kernel.size() == outputs * static_cast<std::size_t>(conv.kernel_px * conv.kernel_px) *
                                       static_cast<std::size_t>(conv.in_channels));
  };
  CM_CHECK((content.options.normalisation == Normalisation::kReference) == (content.spectral.out_channels == 0));
  CM_CHECK(content.convolutions.size() == wanted.convolutions.size());
  if (content.spectral.out_channels > 0) check(content.spectral, wanted.spectral);
  for (std::size_t i = 0; i < wanted.convolutions.size(); ++i) check(content.convolutions[i], wanted.convolutions[i]);
}

void require_finite(const ConvWeights& conv, const std::string& layer) {
  for (const std::vector<float>* values : {&conv.kernel, &conv.bias}) {
    if (!std::all_of(values->begin(), values->end(), [](float value) { return std::isfinite(value); })) {
      throw Error(fmt::format("layer '{}' has weights that are not finite; nothing was written", layer));
    }
  }
}

void write_conv(const Hdf5Handle& weights, const std::string& layer, const ConvWeights& conv) {
  require_finite(conv, layer);
  const Hdf5Handle group = create_group(weights, layer);
  const Hdf5Handle inner = create_group(group, layer);  // TensorFlow's variable scope
  write_floats(inner, "kernel:0", kernel_shape(conv), conv.kernel);
  write_floats(inner, "bias:0", bias_shape(conv), conv.bias);
  write_texts(group, "weight_names", {layer + "/kernel:0", layer + "/bias:0"});
}

void write_content(const Hdf5Handle& root, const ModelContent& content) {
  const char* const kKerasVersion = "2.15.0";  // the form of the configuration; Keras 3 reads it too
  const Hdf5Handle weights = create_group(root, "model_weights");
  for (const Hdf5Handle* group : {&root, &weights}) {
    write_text(*group, "keras_version", kKerasVersion);
    write_text(*group, "backend", "tensorflow");
  }
  write_text(root, "model_config", unet_config(content));
  std::vector<std::string> layers;
  if (content.spectral.out_channels > 0) {
    layers.emplace_back("spectral");
    write_conv(weights, layers.back(), content.spectral);
  }
  for (std::size_t i = 0; i < content.convolutions.size(); ++i) {
    layers.push_back(unet_layer_names()[i]);
    write_conv(weights, layers.back(), content.convolutions[i]);
  }
  write_texts(weights, "layer_names", layers);
  write_notes(root, content);
}

}  // namespace

fs::path checkpoint_path(const fs::path& model_file) { return model_file.string() + ".checkpoint"; }

void require_regular_file(const fs::path& file) {
  std::error_code failure;
  if (fs::is_regular_file(file, failure)) return;
  const bool exists = fs::exists(file, failure);
  throw Error(exists ? "not a file" : failure ? failure.message() : "no such file");
}

void require_writable_model(const fs::path& model_file) {
  try {
    const AtomicFile model(model_file);
    const AtomicFile checkpoint(checkpoint_path(model_file));
  } catch (const Error& error) {
    throw Error(std::string("model_file: ") + error.what());
  }
}

void write_model(const fs::path& file, const ModelContent& content) {
  check_shapes(content);
  const Hdf5Lock lock;
  AtomicFile output(file);
  try {
    Hdf5Handle root = create_model_hdf5(output.temporary_path());
    write_content(root, content);
    if (!root.close()) throw Error("cannot be written; is the disk full?");
  } catch (const Error& fault) {
    throw Error(fmt::format("model {}: {}", file.string(), fault.what()));
  }
  output.commit();
}

ModelContent read_model(const fs::path& file) {
  try {
    require_regular_file(file);
    return is_archive(file) ? read_archive_model(file) : read_hdf5_model(file);
  } catch (const nlohmann::json::exception& fault) {
    throw Error(fmt::format("model {}: the configuration is not as Keras writes it: {}", file.string(), fault.what()));
  } catch (const Error& fault) {
    throw Error(fmt::format("model {}: {}", file.string(), fault.what()));
  }
}

}  // namespace cloudmask
