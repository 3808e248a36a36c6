#pragma once

#include <map>
#include <string>
#include <vector>

#include "cloudmask/config/config_keys.h"
#include "cloudmask/config/options.h"

namespace cloudmask {

/// Where the value of a key was given: "file:line" or "--set KEY".
using KeyPlaces = std::map<std::string, std::string>;

/// Throws UsageError: `place`, the unknown key and the nearest known one.
const ConfigKey& known_key(const std::string& name, const std::string& place);

/// Throws UsageError when `value` is not what the key takes.
void set_key(Config& config, const ConfigKey& key, const std::string& value, const std::string& place);

/// Applies texts "KEY=VALUE"; later ones win. Throws UsageError, which begins with `given_by`.
void apply_overrides(Config& config, const std::vector<std::string>& overrides, const std::string& given_by,
                     KeyPlaces& places);

/// What concerns two keys. Throws UsageError.
void validate_together(const Config& config, const KeyPlaces& places);

}  // namespace cloudmask
