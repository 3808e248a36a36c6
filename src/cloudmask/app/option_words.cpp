#include "cloudmask/app/option_words.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cloudmask/base/error.h"

namespace cloudmask {
namespace {

OptionWords words_of(const CLI::Option& option) {
  const bool takes_value = option.get_items_expected_max() > 0;
  OptionWords words{{}, takes_value ? option.get_type_name() : "", option.get_description()};
  if (option.get_positional()) words.names.push_back(option.get_name());
  for (const std::string& name : option.get_snames()) words.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) words.names.push_back("--" + name);
  return words;
}

std::vector<OptionWords> words_of(const CLI::App& app, bool positional) {
  std::vector<OptionWords> all;
  for (const CLI::Option* option :
       app.get_options([=](const CLI::Option* o) { return o->get_positional() == positional; })) {
    all.push_back(words_of(*option));
  }
  return all;
}

}  // namespace

std::vector<OptionWords> options_of(const CLI::App& app) { return words_of(app, false); }
std::vector<OptionWords> positionals_of(const CLI::App& app) { return words_of(app, true); }

std::vector<const CLI::App*> commands_of(const CLI::App& program) {
  return program.get_subcommands([](const CLI::App* app) { return !app->get_name().empty(); });
}

const CLI::App& find_command(const CLI::App& program, const std::string& name) {
  const auto commands = commands_of(program);
  const auto found = std::find_if(commands.begin(), commands.end(),
                                  [&](const CLI::App* command) { return command->get_name() == name; });
  if (found == commands.end()) throw UsageError("no command '" + name + "'; cloudmask --help lists the commands");
  return **found;
}

}  // namespace cloudmask
