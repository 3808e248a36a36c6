#include "cloudmask/app/arguments.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/scene/scene_reader.h"

namespace cloudmask {

void ConfigArguments::add_set(CLI::App& command) {
  command.add_option("--set", set_, "Set a key of the configuration, e.g. --set epochs=5; repeatable")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
}

CLI::Option* ConfigArguments::add_config(CLI::App& command) {
  return command.add_option("-c,--config", file_, "Configuration file (YAML)")->type_name("FILE");
}

void ConfigArguments::add_shorthand(CLI::App& command, const std::string& option, const std::string& key,
                                    const std::string& help) {
  command.add_option_function<std::string>(
      option, [this, key](const std::string& value) { shorthands_.push_back(key + "=" + value); }, help);
}

void ConfigArguments::add_flag(CLI::App& command, const std::string& option, const std::string& key,
                               const std::string& help, const std::string& value) {
  command.add_flag_callback(
      option, [this, key, value] { shorthands_.push_back(key + "=" + value); }, help);
}

void ConfigArguments::add_masks(CLI::App& command) {
  add_shorthand(command, "--format", "mask_format", "hdf5; netcdf: CF-1.8 with flags and coordinates; geotiff: a map");
  add_shorthand(command, "--grid", "mask_grid",
                "geotiff: grid of the map, e.g. EPSG:4326@0.01; auto: by the scene's place");
  add_flag(command, "--overwrite", "overwrite", "Make masks again that are there and up to date");
}

std::vector<std::string> ConfigArguments::all_overrides() const {
  std::vector<std::string> all = set_;
  all.insert(all.end(), shorthands_.begin(), shorthands_.end());
  return all;
}

bool ConfigArguments::overrides(const std::string& key) const {
  const std::vector<std::string> all = all_overrides();
  return std::any_of(all.begin(), all.end(), [&](const std::string& text) { return text.rfind(key + "=", 0) == 0; });
}

Config ConfigArguments::load() const {
  Config config = has_config() ? load_config(file_, all_overrides()) : default_config(all_overrides());
  if (overrides("mask_grid") && config.inference.mask_format != MaskFormat::kGeotiff) {
    throw UsageError("--grid (mask_grid) goes with --format geotiff (mask_format)");
  }
  return config;
}

std::string key_help() {
  std::string text = "Keys of the configuration, each with its default:\n";
  for (const KeyHelp& key : describe_keys()) {
    const std::string value = key.default_value.empty() ? "(nothing)" : key.default_value;
    text += fmt::format("  {:<22}{:<22}{}\n{:46}{}\n", key.key, value, key.meaning, "", key.takes);
  }
  return text;
}

std::vector<std::filesystem::path> scenes_of_inputs(const std::vector<std::string>& inputs) {
  std::vector<std::filesystem::path> paths;
  paths.reserve(inputs.size());
  for (const std::string& input : inputs) paths.push_back(expand_home(input));
  return find_scenes(paths);
}

}  // namespace cloudmask
