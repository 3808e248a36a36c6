#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "cloudmask/app/arguments.h"
#include "cloudmask/app/command.h"
#include "cloudmask/app/option_words.h"

namespace cloudmask {
namespace {

/// Without apostrophes and line ends, which the scripts' quotes would not survive.
std::string quotable(std::string text) {
  std::replace(text.begin(), text.end(), '\'', ' ');
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

std::string names_of(const CLI::App& app) {
  std::string names;
  for (const OptionWords& option : options_of(app)) {
    for (const std::string& name : option.names) names += name + " ";
  }
  return names;
}

std::string key_words() {
  std::string words;
  for (const KeyHelp& key : describe_keys()) words += key.key + "= ";
  return words;
}

std::string bash_script(const CLI::App& program) {
  std::string commands;
  std::string cases;
  for (const CLI::App* command : commands_of(program)) {
    commands += command->get_name() + " ";
    cases += fmt::format("    {}) words='{}' ;;\n", command->get_name(), names_of(*command) + names_of(program));
  }
  return fmt::format(
      "# cloudmask: bash completion. Use it with: source <(cloudmask completion bash)\n"
      "_cloudmask() {{\n"
      "  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} command='' words='' word\n"
      "  for word in \"${{COMP_WORDS[@]:1:COMP_CWORD-1}}\"; do\n"
      "    case $word in -*) ;; *) command=$word; break ;; esac\n"
      "  done\n"
      "  if [[ $previous == --set ]]; then\n"
      "    compopt -o nospace; COMPREPLY=($(compgen -W '{keys}' -- \"$current\")); return\n"
      "  fi\n"
      "  case $command in\n"
      "    '') words='{commands}{global}' ;;\n"
      "{cases}"
      "  esac\n"
      "  if [[ $current != -* ]]; then\n"
      "    case $command in completion) words='bash zsh fish' ;; help|manual) words='{commands}' ;; esac\n"
      "  fi\n"
      "  if [[ $current == -* || $command =~ ^(completion|help|manual)?$ ]]; then\n"
      "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
      "  else\n"
      "    compopt -o filenames; COMPREPLY=($(compgen -f -- \"$current\"))\n"
      "  fi\n"
      "}}\n"
      "complete -F _cloudmask cloudmask\n",
      fmt::arg("keys", key_words()), fmt::arg("commands", commands), fmt::arg("global", names_of(program)),
      fmt::arg("cases", cases));
}

/// Colons and brackets have a meaning of their own in zsh's descriptions.
std::string for_zsh(std::string text) {
  for (const char special : {':', '[', ']'}) std::replace(text.begin(), text.end(), special, ' ');
  return text;
}

std::string zsh_script(const CLI::App& program) {
  std::string commands;
  std::string cases;
  const auto arguments = [](const CLI::App& app) {
    std::string words;
    for (const OptionWords& option : options_of(app)) {
      for (const std::string& name : option.names) {
        const std::string value = option.value.empty() ? "" : name == "--set" ? ":key:($keys)" : ":value:_files";
        words += fmt::format(" '*{}[{}]{}'", name, for_zsh(quotable(option.help)), value);
      }
    }
    return words;
  };
  for (const CLI::App* command : commands_of(program)) {
    commands += fmt::format(" '{}:{}'", command->get_name(), for_zsh(quotable(command->get_description())));
    const std::string& name = command->get_name();
    const std::string rest = name == "completion"                 ? "'*:shell:(bash zsh fish)'"
                             : name == "help" || name == "manual" ? "'*:command:{_describe command commands}'"
                                                                  : "'*:file:_files'";
    cases += fmt::format("    {}) _arguments -S{}{} {} ;;\n", command->get_name(), arguments(*command),
                         arguments(program), rest);
  }
  return fmt::format(
      "#compdef cloudmask\n"
      "# cloudmask: zsh completion. Use it with: source <(cloudmask completion zsh)\n"
      "_cloudmask() {{\n"
      "  local -a keys commands\n"
      "  keys=({})\n"
      "  commands=({})\n"
      "  if (( CURRENT == 2 )); then _describe command commands; return; fi\n"
      "  local command=$words[2]; shift words; (( CURRENT-- ))\n"
      "  case $command in\n{}"
      "  esac\n"
      "}}\n"
      "compdef _cloudmask cloudmask\n",
      key_words(), commands, cases);
}

std::string fish_script(const CLI::App& program) {
  std::string commands;
  std::string text = "# cloudmask: fish completion. Use it with: cloudmask completion fish | source\n";
  const auto add_options = [&](const CLI::App& app, const std::string& condition) {
    for (const OptionWords& option : options_of(app)) {
      std::string names;
      for (const std::string& name : option.names) {
        names += name.rfind("--", 0) == 0 ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
      const bool is_set = option.names.back() == "--set";
      const std::string value = is_set ? fmt::format(" -x -a '{}'", key_words()) : option.value.empty() ? "" : " -r";
      text += fmt::format("complete -c cloudmask{}{}{} -d '{}'\n", condition, names, value, quotable(option.help));
    }
  };
  add_options(program, "");
  for (const CLI::App* command : commands_of(program)) {
    text += fmt::format("complete -c cloudmask -n __fish_use_subcommand -f -a {} -d '{}'\n", command->get_name(),
                        quotable(command->get_description()));
    add_options(*command, fmt::format(" -n '__fish_seen_subcommand_from {}'", command->get_name()));
    commands += command->get_name() + " ";
  }
  return text + "complete -c cloudmask -n '__fish_seen_subcommand_from completion' -f -a 'bash zsh fish'\n" +
         fmt::format("complete -c cloudmask -n '__fish_seen_subcommand_from help manual' -f -a '{}'\n", commands);
}

class CompletionCommand final : public Command {
 public:
  explicit CompletionCommand(const CLI::App& program) : program_(program) {}

  CLI::App* add_to(CLI::App& program) override {
    CLI::App* command =
        program.add_subcommand("completion", "Print a script that completes cloudmask's words in a shell");
    command->add_option("SHELL", shell_, "bash, zsh or fish")
        ->check(CLI::IsMember({"bash", "zsh", "fish"}))
        ->required();
    arguments_.add_set(*command);
    command->footer(
        "Examples:\n"
        "  source <(cloudmask completion bash)\n"
        "  cloudmask completion fish > ~/.config/fish/completions/cloudmask.fish");
    return command;
  }

  int run(const GlobalOptions&) override {
    arguments_.load();
    std::cout << (shell_ == "bash"  ? bash_script(program_)
                  : shell_ == "zsh" ? zsh_script(program_)
                                    : fish_script(program_));
    return 0;
  }

 private:
  const CLI::App& program_;
  ConfigArguments arguments_;
  std::string shell_;
};

}  // namespace

std::unique_ptr<Command> make_completion_command(const CLI::App& program) {
  return std::make_unique<CompletionCommand>(program);
}

}  // namespace cloudmask
