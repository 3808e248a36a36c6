#include "cloudmask/config/config_values.h"

#include <fmt/format.h>

#include "cloudmask/base/error.h"
#include "cloudmask/config/config_file.h"

namespace cloudmask {
namespace {

constexpr std::size_t kMaxShown = 80;

std::string shown(const std::string& text) {
  return text.size() <= kMaxShown ? "'" + text + "'" : "'" + text.substr(0, kMaxShown) + "...'";
}

}  // namespace

const ConfigKey& known_key(const std::string& name, const std::string& place) {
  if (const ConfigKey* key = find_key(name)) return *key;
  throw UsageError(place + ": unknown key " + shown(name) + "; the nearest known key is '" + nearest_key(name).name +
                   "'");
}

void set_key(Config& config, const ConfigKey& key, const std::string& value, const std::string& place) {
  if (!key.set(config, value)) {
    throw UsageError(place + ": " + key.name + " is " + shown(value) + ", it takes " + key.takes);
  }
}

void validate_together(const Config& config, const KeyPlaces& places) {
  const int patch_px = config.data.patch_size_px;
  const int crop_px = config.inference.crop_size_px;
  if (crop_px < patch_px) return;
  const std::string key = places.contains("CROP_SIZE") ? "CROP_SIZE" : "PATCH_SIZE";
  throw UsageError(places.at(key) + ": CROP_SIZE is " + std::to_string(crop_px) + " and PATCH_SIZE " +
                   std::to_string(patch_px) + ", CROP_SIZE takes less than PATCH_SIZE");
}

void apply_overrides(Config& config, const std::vector<std::string>& overrides, const std::string& given_by,
                     KeyPlaces& places) {
  for (const std::string& text : overrides) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) throw UsageError(fmt::format("{} {}: takes KEY=VALUE", given_by, text));
    const std::string name = text.substr(0, equals);
    const std::string place = fmt::format("{} {}", given_by, name);
    set_key(config, known_key(name, given_by), text.substr(equals + 1), place);
    places[name] = place;
  }
}

Config default_config(const std::vector<std::string>& overrides, const std::string& given_by) {
  Config config;
  KeyPlaces places;
  apply_overrides(config, overrides, given_by, places);
  validate_together(config, places);
  return config;
}

std::vector<KeyHelp> describe_keys() {
  std::vector<KeyHelp> help;
  for (const ConfigKey& key : config_keys()) help.push_back({key.name, key.takes, key.get(Config{}), key.meaning});
  return help;
}

}  // namespace cloudmask
