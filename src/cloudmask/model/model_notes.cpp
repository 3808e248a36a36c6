#include "cloudmask/model/model_notes.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cloudmask/base/error.h"
#include "cloudmask/model/keras_hdf5.h"

namespace cloudmask {
namespace {

using nlohmann::json;

constexpr int kFormatVersion = 1;
constexpr const char* kInputText =
    "channels S1 to S9: reflectance - 0.5 (S1 to S6), (brightness temperature - 270 K) / 22 K (S7 to S9){}; output: "
    "probability of cloud";
constexpr const char* kBackgroundText =
    "; tenth channel: (Tref - 270 K) / 22 K, Tref the 95th percentile of S8 in blocks of 25 px, its maximum over 5x5 "
    "blocks, the mean of that over 3x3, bilinear between the blocks' centres";

}  // namespace

void write_notes(const Hdf5Handle& root, const ModelContent& content) {
  const bool background = content.options.normalisation == Normalisation::kBackground;
  write_number(root, "cloudmask_format_version", kFormatVersion);
  write_text(root, "cloudmask_normalisation", std::string(to_string(content.options.normalisation)));
  write_text(root, "cloudmask_input", fmt::format(kInputText, background ? kBackgroundText : ""));
  write_number(root, "cloudmask_threshold", content.notes.threshold);
  write_text(root, "cloudmask_written_by", content.notes.written_by);
  write_text(root, "cloudmask_training",
             json(content.notes.training).dump(-1, ' ', false, json::error_handler_t::replace));
}

ModelNotes read_notes(const Hdf5Handle& root) {
  ModelNotes notes;
  if (!has_attribute(root, "cloudmask_format_version")) return notes;
  const double version = read_number(root, "cloudmask_format_version");
  if (version != kFormatVersion) {
    throw Error(fmt::format("format version {} is not known, wanted {}; a newer cloudmask may have written it", version,
                            kFormatVersion));
  }
  notes.threshold = read_number(root, "cloudmask_threshold");
  const bool in_range = notes.threshold >= 0 && notes.threshold <= 1;  // NaN is not
  if (!in_range) {
    throw Error(fmt::format("attribute 'cloudmask_threshold' is {}, wanted 0 to 1", notes.threshold));
  }
  notes.written_by = read_text(root, "cloudmask_written_by");
  notes.training = json::parse(read_text(root, "cloudmask_training")).get<std::map<std::string, std::string>>();
  return notes;
}

}  // namespace cloudmask
