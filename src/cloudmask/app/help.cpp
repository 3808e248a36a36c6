#include <CLI/CLI.hpp>
#include <iostream>

#include "cloudmask/app/arguments.h"
#include "cloudmask/app/command.h"
#include "cloudmask/app/option_words.h"

namespace cloudmask {
namespace {

/// What --help prints, in the other order of words that git and cargo take too.
class HelpCommand final : public Command {
 public:
  explicit HelpCommand(const CLI::App& program) : program_(program) {}

  CLI::App* add_to(CLI::App& program) override {
    CLI::App* command = program.add_subcommand("help", "Print the help of a command, as COMMAND --help does");
    command->add_option("COMMAND", name_, "A command; left out: the help of the program");
    arguments_.add_set(*command);
    command->footer(
        "Examples:\n"
        "  cloudmask help\n"
        "  cloudmask help train");
    return command;
  }

  int run(const GlobalOptions&) override {
    arguments_.load();
    const std::string usage = name_.empty() ? program_.get_name() : program_.get_name() + " " + name_;
    const CLI::App& app = name_.empty() ? program_ : find_command(program_, name_);
    // App::help() would tell of the command that was given: of this one.
    std::cout << app.get_formatter()->make_help(&app, usage, CLI::AppFormatMode::Normal);
    return 0;
  }

 private:
  const CLI::App& program_;
  ConfigArguments arguments_;
  std::string name_;
};

}  // namespace

std::unique_ptr<Command> make_help_command(const CLI::App& program) { return std::make_unique<HelpCommand>(program); }

}  // namespace cloudmask
