#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace cloudmask {

/// One option of a command, as completion scripts and manual pages tell of it.
struct OptionWords {
  std::vector<std::string> names;  ///< with their dashes
  std::string value;               ///< what it takes, e.g. FILE; empty for a flag
  std::string help;
};

/// Those with dashes, in the order of the help.
std::vector<OptionWords> options_of(const CLI::App& app);

/// Those without: inputs and such. Each has one name.
std::vector<OptionWords> positionals_of(const CLI::App& app);

std::vector<const CLI::App*> commands_of(const CLI::App& program);

/// The one of this name. Throws UsageError.
const CLI::App& find_command(const CLI::App& program, const std::string& name);

}  // namespace cloudmask
