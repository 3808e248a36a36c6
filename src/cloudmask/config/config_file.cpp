#include "cloudmask/config/config_file.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <map>
#include <system_error>

#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/config/config_keys.h"

namespace cloudmask {
namespace {

/// Where a value was given: "file:line" or "--set KEY".
using Places = std::map<std::string, std::string>;

constexpr std::size_t kMaxShown = 80;

std::string shown(const std::string& text) {
  return text.size() <= kMaxShown ? "'" + text + "'" : "'" + text.substr(0, kMaxShown) + "...'";
}

[[noreturn]] void refuse(const std::string& place, const std::string& reason) {
  throw UsageError(place + ": " + reason);
}

const ConfigKey& known_key(const std::string& name, const std::string& place) {
  if (const ConfigKey* key = find_key(name)) return *key;
  throw UsageError(place + ": unknown key " + shown(name) + "; the nearest known key is '" + nearest_key(name).name +
                   "'");
}

void set_key(Config& config, const ConfigKey& key, const std::string& value, const std::string& place) {
  if (!key.set(config, value)) {
    refuse(place, key.name + " is " + shown(value) + ", it takes " + key.takes);
  }
}

/// Checks that concern two keys; `places` says where the values come from.
void validate_together(const Config& config, const Places& places) {
  const int patch_px = config.data.patch_size_px;
  const int crop_px = config.inference.crop_size_px;
  if (crop_px < patch_px) return;
  const std::string key = places.contains("CROP_SIZE") ? "CROP_SIZE" : "PATCH_SIZE";
  throw UsageError(places.at(key) + ": CROP_SIZE is " + std::to_string(crop_px) + " and PATCH_SIZE " +
                   std::to_string(patch_px) + ", CROP_SIZE takes less than PATCH_SIZE");
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

void read_file_into(Config& config, const std::filesystem::path& file, Places& places) {
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

void apply_overrides(Config& config, const std::vector<std::string>& overrides, const std::string& given_by,
                     Places& places) {
  for (const std::string& text : overrides) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) throw UsageError(fmt::format("{} {}: takes KEY=VALUE", given_by, text));
    const std::string name = text.substr(0, equals);
    const std::string place = fmt::format("{} {}", given_by, name);
    set_key(config, known_key(name, given_by), text.substr(equals + 1), place);
    places[name] = place;
  }
}

}  // namespace

Config load_config(const std::filesystem::path& file, const std::vector<std::string>& overrides,
                   const std::string& given_by) {
  Config config;
  Places places;
  read_file_into(config, file, places);
  apply_overrides(config, overrides, given_by, places);
  validate_together(config, places);
  return config;
}

Config default_config(const std::vector<std::string>& overrides, const std::string& given_by) {
  Config config;
  Places places;
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

std::vector<KeyHelp> describe_keys() {
  std::vector<KeyHelp> help;
  for (const ConfigKey& key : config_keys()) help.push_back({key.name, key.takes, key.get(Config{}), key.meaning});
  return help;
}

}  // namespace cloudmask
