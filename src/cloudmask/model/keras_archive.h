#pragma once

#include <filesystem>
#include <string>

namespace cloudmask {

/// The two parts of a `.keras` file (a zip archive) that say what the network is.
struct KerasArchive {
  std::string config;   ///< config.json, at most 16 MiB
  std::string weights;  ///< model.weights.h5, at most 1 GiB
};

/// Throws Error when a part is missing, damaged or too large. The message does not name the file.
KerasArchive read_keras_archive(const std::filesystem::path& file);

}  // namespace cloudmask
