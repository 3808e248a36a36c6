#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cloudmask/config/options.h"

namespace cloudmask {

/// Reads a YAML mapping of keys to scalars, then applies `overrides` ("KEY=VALUE", later ones win), then validates.
/// `given_by` is how messages about overrides begin.
/// `~` in paths is expanded. Throws UsageError: file unreadable or not YAML (with line), unknown key (with the nearest
/// known one and the line), wrong type or out of range (with what was found and what it takes).
Config load_config(const std::filesystem::path& file, const std::vector<std::string>& overrides = {},
                   const std::string& given_by = "--set");

/// Defaults with overrides applied and validated: for commands that run without a configuration file.
Config default_config(const std::vector<std::string>& overrides = {}, const std::string& given_by = "--set");

/// All keys with their values in file order, as YAML that load_config reads back to the same Config.
std::string to_yaml(const Config& config);

/// One line a key: name, what it takes, default, meaning. For --help and docs.
struct KeyHelp {
  std::string key;            ///< name
  std::string takes;          ///< type and range in words
  std::string default_value;  ///< as the file has it; empty: nothing
  std::string meaning;        ///< one sentence
};

/// All keys, in file order.
std::vector<KeyHelp> describe_keys();

}  // namespace cloudmask
