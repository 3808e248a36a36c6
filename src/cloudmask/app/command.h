#pragma once

#include <memory>

namespace CLI {
class App;
}

namespace cloudmask {

/// Options that stand before or after any command.
struct GlobalOptions {
  bool quiet = false;
  bool verbose = false;
};

/// One word of the command line, such as `train`.
class Command {
 public:
  Command() = default;
  virtual ~Command() = default;
  Command(const Command&) = delete;  // CLI11 keeps pointers to the members
  Command& operator=(const Command&) = delete;

  /// Adds the command with its options, help and examples to the program, and returns what was added.
  virtual CLI::App* add_to(CLI::App& program) = 0;

  /// Does the work. Returns the exit code, 0 or 1; throws what base/error.h has.
  virtual int run(const GlobalOptions& global) = 0;
};

std::unique_ptr<Command> make_run_command();
std::unique_ptr<Command> make_train_command();
std::unique_ptr<Command> make_infer_command();
std::unique_ptr<Command> make_screen_command();
std::unique_ptr<Command> make_evaluate_command();
std::unique_ptr<Command> make_compare_command();
std::unique_ptr<Command> make_sst_command();
std::unique_ptr<Command> make_quicklook_command();
std::unique_ptr<Command> make_fetch_command();
std::unique_ptr<Command> make_synth_command();
std::unique_ptr<Command> make_report_command();
std::unique_ptr<Command> make_check_command();
std::unique_ptr<Command> make_info_command();
std::unique_ptr<Command> make_bench_command();
std::unique_ptr<Command> make_export_command();
std::unique_ptr<Command> make_import_command();

/// `program` is the tree that scripts and pages are made from; it must outlive the commands.
std::unique_ptr<Command> make_help_command(const CLI::App& program);
std::unique_ptr<Command> make_completion_command(const CLI::App& program);
std::unique_ptr<Command> make_manual_command(const CLI::App& program);

}  // namespace cloudmask
