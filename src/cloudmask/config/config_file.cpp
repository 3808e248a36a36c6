#include "cloudmask/config/config_file.h"

#include <yaml-cpp/yaml.h>

#include <system_error>

#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/config/config_values.h"

namespace cloudmask {
namespace {

[[noreturn]] void refuse(const std::string& place, const std::string& reason) {
  throw UsageError(place + ": " + reason);
}

std::string kind_of(const YAML::Node& node) {
  if (node.IsSequence()) return "a list";
  if (node.IsMap()) return "a mapping";
  return "nothing";
}

std::string place_of(const std::filesystem::path& file, const YAML::Mark& mark) {
  return mark.is_null() ? file.string() : file.string() + ":" + std::to_string(mark.line + 1);
}

YAML::Node parse_mapping(const std::filesystem::path& file) {
  constexpr std::uintmax_t kMaxBytes = 1 << 20;
  std::error_code unknown_size;
  const std::uintmax_t size_bytes = std::filesystem::file_size(file, unknown_size);
  if (!unknown_size && size_bytes > kMaxBytes) {
    throw UsageError(file.string() + ": " + std::to_string(size_bytes) +
                     " bytes are no configuration file; name a YAML file");
  }
  std::vector<YAML::Node> documents;
  try {
    documents = YAML::LoadAll(read_file(file));
  } catch (const Error& error) {
    throw UsageError(error.what());
  } catch (const YAML::Exception& error) {
    throw UsageError(place_of(file, error.mark) + ": not valid YAML: " + error.msg);
  }
  if (documents.empty() || documents.front().IsNull()) {
    throw UsageError(file.string() + ": the file is empty; it takes lines of the form 'key: value'");
  }
  if (documents.size() > 1) {
    throw UsageError(place_of(file, documents[1].Mark()) + ": a second YAML document; a configuration is one");
  }
  if (!documents.front().IsMap()) {
    throw UsageError(file.string() + ": holds " +
                     (documents.front().IsScalar() ? "a text" : kind_of(documents.front())) +
                     ", it takes lines of the form 'key: value'");
  }
  return documents.front();
}

void read_file_into(Config& config, const std::filesystem::path& file, KeyPlaces& places) {
  for (const auto& entry : parse_mapping(file)) {
    const std::string place = place_of(file, entry.first.Mark());
    if (!entry.first.IsScalar()) refuse(place, "a key is " + kind_of(entry.first) + ", it takes a name");
    const std::string& name = entry.first.Scalar();
    const ConfigKey& key = known_key(name, place);
    if (!places.emplace(name, place).second) {
      refuse(place, name + " is given twice, first at " + places.at(name) + "; remove one");
    }
    const bool nothing = entry.second.IsNull() && key.set(config, "");  // where a key takes nothing
    if (!nothing && !entry.second.IsScalar()) {
      refuse(place, name + " is " + kind_of(entry.second) + ", it takes " + key.takes);
    }
    if (!nothing) set_key(config, key, entry.second.Scalar(), place);
  }
}

}  // namespace

Config load_config(const std::filesystem::path& file, const std::vector<std::string>& overrides,
                   const std::string& given_by) {
  Config config;
  KeyPlaces places;
  read_file_into(config, file, places);
  apply_overrides(config, overrides, given_by, places);
  validate_together(config, places);
  return config;
}

std::string to_yaml(const Config& config) {
  YAML::Emitter yaml;
  yaml << YAML::BeginMap;
  for (const ConfigKey& key : config_keys()) {
    yaml << YAML::Key << key.name << YAML::Value;
    if (key.is_text) yaml << YAML::DoubleQuoted;
    yaml << key.get(config);
  }
  yaml << YAML::EndMap;
  return std::string(yaml.c_str()) + "\n";
}

}  // namespace cloudmask
