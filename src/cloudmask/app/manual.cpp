#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <sstream>

#include "cloudmask/app/arguments.h"
#include "cloudmask/app/command.h"
#include "cloudmask/app/option_words.h"
#include "cloudmask/base/files.h"
#include "cloudmask/base/version.h"

namespace cloudmask {
namespace {

constexpr const char* kConfigurationPage = "configuration";

/// Text as roff prints it: backslashes and hyphens as they are, and no line that roff takes for a request.
std::string roff(const std::string& text) {
  std::string escaped;
  bool line_starts = true;
  for (const char c : text) {
    if (line_starts && (c == '.' || c == '\'')) escaped += "\\&";
    if (c == '\\') {
      escaped += "\\e";
    } else {
      if (c == '-') escaped += '\\';
      escaped += c;
    }
    line_starts = c == '\n';
  }
  return escaped;
}

std::string title(const std::string& name, int section, const std::string& summary) {
  return fmt::format(".TH \"{}\" {} \"\" \"cloudmask {}\"\n.SH NAME\n{} \\- {}\n", roff(name), section, kVersion,
                     roff(name), roff(summary));
}

std::string entry(const std::vector<std::string>& names, const std::string& value, const std::string& help) {
  std::string text = ".TP\n";
  for (const std::string& name : names) text += (&name == &names.front() ? "\\fB" : ", \\fB") + roff(name) + "\\fR";
  if (!value.empty()) text += " \\fI" + roff(value) + "\\fR";
  return text + "\n" + roff(help) + "\n";
}

std::string entries(const std::string& heading, const std::vector<OptionWords>& options) {
  if (options.empty()) return "";
  std::string text = ".SH " + heading + "\n";
  for (const OptionWords& option : options) text += entry(option.names, option.value, option.help);
  return text;
}

/// What stands below the options of --help, its lines as they are; from a line "Examples:" on, a section of its own.
std::string notes(const std::string& footer) {
  std::string text;
  bool open = false;
  std::istringstream lines(footer);
  for (std::string line; std::getline(lines, line);) {
    const bool examples = line == "Examples:";
    if (!open || examples) {
      text += std::string(open ? ".fi\n" : "") + (examples ? ".SH EXAMPLES\n.nf\n" : ".SH NOTES\n.nf\n");
      open = true;
    }
    if (!examples) text += roff(line) + "\n";
  }
  return open ? text + ".fi\n" : text;
}

std::string exit_status() {
  return ".SH EXIT STATUS\n" + entry({"0"}, "", "The work is done.") +
         entry({"1"}, "", "It failed; the message names the file, the reason and the remedy.") +
         entry({"2"}, "", "The command line or the configuration is wrong.") +
         entry({"130"}, "", "It was interrupted, and what was done is kept.");
}

std::string page_of_program(const CLI::App& program) {
  std::string text = title("cloudmask", 1, program.get_description()) +
                     ".SH SYNOPSIS\n\\fBcloudmask\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR...]\n.SH COMMANDS\n";
  std::string others = "\\fBcloudmask\\-configuration\\fR(5)";
  for (const CLI::App* command : commands_of(program)) {
    text += entry({command->get_name()}, "", command->get_description());
    others += fmt::format(", \\fBcloudmask\\-{}\\fR(1)", command->get_name());
  }
  return text + entries("OPTIONS OF EVERY COMMAND", options_of(program)) + exit_status() + ".SH SEE ALSO\n" + others +
         "\n";
}

std::string page_of_command(const CLI::App& program, const CLI::App& command) {
  std::string synopsis = fmt::format("\\fBcloudmask {}\\fR [\\fIOPTION\\fR...]", command.get_name());
  for (const OptionWords& positional : positionals_of(command)) {
    synopsis += " \\fI" + roff(positional.names.front()) + "\\fR";
  }
  // The keys that the help of some commands lists have a page of their own.
  const std::string footer = command.get_footer();
  std::vector<OptionWords> shared = options_of(program);
  std::erase_if(shared,
                [&](const OptionWords& words) { return command.get_option_no_throw(words.names.back()) != nullptr; });
  return title("cloudmask-" + command.get_name(), 1, command.get_description()) + ".SH SYNOPSIS\n" + synopsis + "\n" +
         entries("ARGUMENTS", positionals_of(command)) + entries("OPTIONS", options_of(command)) +
         entries("OPTIONS OF EVERY COMMAND", shared) + notes(footer.substr(0, footer.find(key_help()))) +
         exit_status() + ".SH SEE ALSO\n\\fBcloudmask\\fR(1), \\fBcloudmask\\-configuration\\fR(5)\n";
}

std::string page_of_configuration() {
  std::string text = title("cloudmask-configuration", 5, "the keys of cloudmask's configuration file") +
                     ".SH DESCRIPTION\nA YAML file of keys and values, given with --config; --set KEY=VALUE wins over "
                     "it.\n.SH KEYS\n";
  for (const KeyHelp& key : describe_keys()) {
    const std::string value = key.default_value.empty() ? "nothing" : key.default_value;
    text += entry({key.key}, key.takes, key.meaning + ". Default: " + value + ".");
  }
  return text + ".SH SEE ALSO\n\\fBcloudmask\\fR(1)\n";
}

class ManualCommand final : public Command {
 public:
  explicit ManualCommand(const CLI::App& program) : program_(program) {}

  CLI::App* add_to(CLI::App& program) override {
    CLI::App* command = program.add_subcommand("manual", "Print the manual page of a command, for man");
    CLI::Option* name =
        command->add_option("COMMAND", name_, "A command, or 'configuration'; left out: the page of the program");
    command
        ->add_option("--to", folder_, "Write all pages below this folder, as man1/ and man5/, instead of printing one")
        ->type_name("DIR")
        ->excludes(name);
    arguments_.add_set(*command);
    command->footer(
        "Examples:\n"
        "  cloudmask manual train | man -l -\n"
        "  cloudmask manual configuration > cloudmask-configuration.5");
    return command;
  }

  int run(const GlobalOptions&) override {
    arguments_.load();
    if (folder_.empty()) {
      std::cout << page(name_);
    } else {
      write_all(expand_home(folder_));
    }
    return 0;
  }

 private:
  void write_all(const std::filesystem::path& folder) const {
    write_file_atomically(folder / "man1/cloudmask.1", page(""));
    for (const CLI::App* command : commands_of(program_)) {
      write_file_atomically(folder / "man1" / ("cloudmask-" + command->get_name() + ".1"), page(command->get_name()));
    }
    write_file_atomically(folder / "man5/cloudmask-configuration.5", page(kConfigurationPage));
  }

  std::string page(const std::string& name) const {
    if (name.empty()) return page_of_program(program_);
    if (name == kConfigurationPage) return page_of_configuration();
    return page_of_command(program_, find_command(program_, name));
  }

  const CLI::App& program_;
  ConfigArguments arguments_;
  std::string name_;
  std::string folder_;
};

}  // namespace

std::unique_ptr<Command> make_manual_command(const CLI::App& program) {
  return std::make_unique<ManualCommand>(program);
}

}  // namespace cloudmask
