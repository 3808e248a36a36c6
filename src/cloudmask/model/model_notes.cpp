#include "cloudmask/model/model_notes.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cloudmask/base/error.h"
#include "cloudmask/model/keras_hdf5.h"

namespace cloudmask {
namespace {

using nlohmann::json;

constexpr int kFormatVersion = 1;
constexpr const char* kVersionName = "cloudmask_format_version";
constexpr const char* kNormalisationName = "cloudmask_normalisation";
constexpr const char* kInputName = "cloudmask_input";
constexpr const char* kThresholdName = "cloudmask_threshold";
constexpr const char* kWrittenByName = "cloudmask_written_by";
constexpr const char* kTrainingName = "cloudmask_training";

constexpr const char* kScaledInput =
    "channels S1 to S9: reflectance - 0.5 (S1 to S6), (brightness temperature - 270 K) / 22 K (S7 to S9){}; output: "
    "probability of cloud";
constexpr const char* kPhysicalInput =
    "[N,H,W,C], H and W multiples of 8, channels S1 to S9: reflectance (S1 to S6), brightness temperature in K (S7 to "
    "S9), NaN where missing{}; output: probability of cloud, NaN where S8 or S9 is missing";
constexpr const char* kTref =
    "Tref the 95th percentile of S8 in blocks of 25 px, its maximum over 5x5 blocks, the mean of that over 3x3, "
    "bilinear "
    "between the blocks' centres";

bool has_tref(const ModelContent& content) { return content.options.normalisation == Normalisation::kBackground; }

std::string training_text(const ModelNotes& notes) {
  return json(notes.training).dump(-1, ' ', false, json::error_handler_t::replace);
}

// Checks what both kinds of file say.
ModelNotes checked_notes(double version, ModelNotes notes, const std::string& training) {
  if (version != kFormatVersion) {
    throw Error(fmt::format("format version {} is not known, wanted {}; a newer cloudmask may have written it", version,
                            kFormatVersion));
  }
  const bool in_range = notes.threshold >= 0 && notes.threshold <= 1;  // NaN is not
  if (!in_range) throw Error(fmt::format("attribute '{}' is {}, wanted 0 to 1", kThresholdName, notes.threshold));
  notes.training = json::parse(training).get<std::map<std::string, std::string>>();
  return notes;
}

}  // namespace

void write_notes(const Hdf5Handle& root, const ModelContent& content) {
  const std::string tenth = fmt::format("; tenth channel: (Tref - 270 K) / 22 K, {}", kTref);
  write_number(root, kVersionName, kFormatVersion);
  write_text(root, kNormalisationName, std::string(to_string(content.options.normalisation)));
  write_text(root, kInputName, fmt::format(kScaledInput, has_tref(content) ? tenth : ""));
  write_number(root, kThresholdName, content.notes.threshold);
  write_text(root, kWrittenByName, content.notes.written_by);
  write_text(root, kTrainingName, training_text(content.notes));
}

ModelNotes read_notes(const Hdf5Handle& root) {
  if (!has_attribute(root, kVersionName)) return {};
  return checked_notes(read_number(root, kVersionName),
                       {read_number(root, kThresholdName), read_text(root, kWrittenByName), {}},
                       read_text(root, kTrainingName));
}

std::map<std::string, std::string> notes_as_texts(const ModelContent& content) {
  const std::string tenth = fmt::format("; tenth channel: {}, in K", kTref);
  return {{kVersionName, fmt::format("{}", kFormatVersion)},
          {kNormalisationName, std::string(to_string(content.options.normalisation))},
          {kInputName, fmt::format(kPhysicalInput, has_tref(content) ? tenth : "")},
          {kThresholdName, fmt::format("{}", content.notes.threshold)},
          {kWrittenByName, content.notes.written_by},
          {kTrainingName, training_text(content.notes)}};
}

ModelNotes notes_from_texts(const std::map<std::string, std::string>& texts) {
  if (texts.count(kVersionName) == 0) return {};
  const auto text = [&](const char* name) -> const std::string& {
    const auto found = texts.find(name);
    if (found == texts.end()) throw Error(fmt::format("metadata '{}' is missing", name));
    return found->second;
  };
  const auto number = [&](const char* name) { return json::parse(text(name)).get<double>(); };
  return checked_notes(number(kVersionName), {number(kThresholdName), text(kWrittenByName), {}}, text(kTrainingName));
}

}  // namespace cloudmask
