#include <CLI/CLI.hpp>
#include <exception>
#include <string>

#include "cloudmask/app/command.h"
#include "cloudmask/app/program.h"
#include "cloudmask/base/error.h"
#include "cloudmask/base/log.h"
#include "cloudmask/tensor/plain_errors.h"

namespace cloudmask {
namespace {

enum ExitCode { kFailed = 1, kWrongUsage = 2, kInterrupted = 130 };

std::vector<std::unique_ptr<Command>> make_commands(const CLI::App& program) {
  std::vector<std::unique_ptr<Command>> commands;
  commands.push_back(make_run_command());
  commands.push_back(make_train_command());
  commands.push_back(make_infer_command());
  commands.push_back(make_screen_command());
  commands.push_back(make_evaluate_command());
  commands.push_back(make_compare_command());
  commands.push_back(make_sst_command());
  commands.push_back(make_quicklook_command());
  commands.push_back(make_fetch_command());
  commands.push_back(make_synth_command());
  commands.push_back(make_report_command());
  commands.push_back(make_check_command());
  commands.push_back(make_info_command());
  commands.push_back(make_bench_command());
  commands.push_back(make_export_command());
  commands.push_back(make_import_command());
  commands.push_back(make_completion_command(program));
  commands.push_back(make_manual_command(program));
  return commands;
}

int fail(ExitCode code, const std::string& message) {
  log_error(message.substr(0, message.find('\n')));  // libraries add call stacks
  return code;
}

}  // namespace
}  // namespace cloudmask

int main(int argc, char** argv) {
  using namespace cloudmask;
  try {
    CLI::App program("Finds clouds in Sentinel-3 SLSTR scenes: trains, runs and judges cloud masks.", "cloudmask");
    const auto commands = make_commands(program);
    return run_program(program, commands, argc, argv);
  } catch (const UsageError& error) {
    return fail(kWrongUsage, error.what());
  } catch (const Interrupted& error) {
    return fail(kInterrupted, error.what());
  } catch (const Error& error) {
    return fail(kFailed, error.what());
  } catch (const std::exception& error) {
    return fail(kFailed, plain_message(error));
  }
}
