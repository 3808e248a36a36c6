#include "cloudmask/app/program.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

#include "cloudmask/base/error.h"
#include "cloudmask/base/interrupt.h"
#include "cloudmask/base/log.h"
#include "cloudmask/base/version.h"

namespace cloudmask {
namespace {

/// CLI11 says only that a command is missing when it does not know the word.
std::string describe_usage(const CLI::App& program, const CLI::ParseError& error) {
  const std::vector<std::string> words = program.remaining();
  if (!program.get_subcommands().empty() || words.empty() || words.front().rfind('-', 0) == 0) {
    return std::string(error.what()) + "; --help says what is taken";
  }
  std::string message = "unknown command '" + words.front() + "'; commands are";
  for (const CLI::App* command : program.get_subcommands([](const CLI::App*) { return true; })) {
    message += " " + command->get_name();
  }
  return message;
}

}  // namespace

int run_program(CLI::App& program, const std::vector<std::unique_ptr<Command>>& commands, int argc, char** argv) {
  GlobalOptions global;
  program.add_flag("-q,--quiet", global.quiet, "Warnings, errors and results only");
  program.add_flag("-v,--verbose", global.verbose, "More about what is done")->excludes("--quiet");
  program.set_version_flag("--version", std::string("cloudmask ") + kVersion);
  program.require_subcommand(1);
  program.footer("cloudmask COMMAND --help says more about a command, with examples.");
  std::vector<const CLI::App*> added;
  added.reserve(commands.size());
  for (const auto& command : commands) added.push_back(command->add_to(program)->fallthrough());

  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return program.exit(help);
  } catch (const CLI::ParseError& error) {
    throw UsageError(describe_usage(program, error));
  }
  set_log_level(global.quiet ? LogLevel::kQuiet : global.verbose ? LogLevel::kVerbose : LogLevel::kNormal);
  install_interrupt_handlers();
  int code = 0;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    if (added[i]->parsed()) code = commands[i]->run(global);
  }
  if (!std::cout.flush()) throw Error("cannot write to standard output; is the disk full or the reader gone?");
  return code;
}

}  // namespace cloudmask
