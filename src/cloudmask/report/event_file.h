#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cloudmask/report/image.h"
#include "cloudmask/report/record_json.h"

namespace cloudmask {

/// CRC-32C (Castagnoli), as RFC 3720 has it.
std::uint32_t crc32c(std::string_view bytes);

/// A file of events as TensorBoard reads it: records of TensorFlow's TFRecord format around `Event` messages
/// (event.proto and summary.proto in https://github.com/tensorflow/tensorboard). Each event is on its way to the disk
/// when its function returns; of a killed process at most the last is torn, which TensorBoard leaves out. Functions
/// throw Error (full disk, ...).
class EventFile {
 public:
  /// A new file in `folder`, whose name sorts behind those of earlier ones.
  explicit EventFile(const std::filesystem::path& folder);

  /// What earlier files of the folder say of this step and later ones counts no more.
  void begin_at(std::int64_t step) const;

  /// Values that are not finite are left out.
  void add_scalars(std::int64_t step, const std::vector<std::pair<std::string, double>>& values) const;
  void add_image(std::int64_t step, const std::string& tag, const Image& image) const;

  /// For the HParams page: numbers, truth values and texts by name; then how the session ended.
  void add_parameters(const Json& parameters) const;
  void add_end(bool success) const;

 private:
  void append(std::string_view event) const;

  std::filesystem::path file_;
};

}  // namespace cloudmask
