#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cloudmask/config/options.h"

namespace cloudmask {

/// One key of the configuration: what the file, --set, help and documentation know about it.
struct ConfigKey {
  std::string name;
  std::string takes;  ///< completes "takes ...": type, range, choices
  std::string meaning;
  bool is_text = false;  ///< written in quotes
  /// Puts a value into the configuration; false when the text is not what the key takes (nothing has changed then).
  std::function<bool(Config&, const std::string&)> set;
  std::function<std::string(const Config&)> get;
};

/// Every key there is, in the order of documentation: the only place where keys are named.
const std::vector<ConfigKey>& config_keys();

/// Null when there is no such key.
const ConfigKey* find_key(std::string_view name);

/// The known key with the smallest edit distance, upper and lower case alike.
const ConfigKey& nearest_key(std::string_view name);

}  // namespace cloudmask
