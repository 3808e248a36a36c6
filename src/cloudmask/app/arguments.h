#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cloudmask/config/config_file.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace cloudmask {

/// --config and --set, and the options that are shorthands for a key. A shorthand wins over --set, --set over the file.
class ConfigArguments {
 public:
  /// --set KEY=VALUE, repeatable: every command has it.
  void add_set(CLI::App& command);

  CLI::Option* add_config(CLI::App& command);

  /// An option of the command, e.g. --device, that sets `key`.
  void add_shorthand(CLI::App& command, const std::string& option, const std::string& key, const std::string& help);

  /// A flag of the command, e.g. --overwrite, that sets `key` to `value`.
  void add_flag(CLI::App& command, const std::string& option, const std::string& key, const std::string& help,
                const std::string& value = "true");

  /// --format, --grid and --overwrite of commands that make masks.
  void add_masks(CLI::App& command);

  bool has_config() const { return !file_.empty(); }

  /// True when --set or a shorthand names the key.
  bool overrides(const std::string& key) const;

  /// The file, or the defaults without one, with all overrides. Throws UsageError.
  Config load() const;

 private:
  std::vector<std::string> all_overrides() const;

  std::string file_;
  std::vector<std::string> set_;
  std::vector<std::string> shorthands_;
};

/// Keys of the configuration with what they take, for the help of commands that read one.
std::string key_help();

/// The scenes of the files and folders that a command line names. Throws as find_scenes does.
std::vector<std::filesystem::path> scenes_of_inputs(const std::vector<std::string>& inputs);

}  // namespace cloudmask
