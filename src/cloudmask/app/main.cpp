#include <CLI/CLI.hpp>
#include <cstdlib>

#include "cloudmask/app/command.h"
#include "cloudmask/app/exit_code.h"
#include "cloudmask/app/program.h"

namespace cloudmask {
namespace {

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
  commands.push_back(make_help_command(program));
  commands.push_back(make_completion_command(program));
  commands.push_back(make_manual_command(program));
  return commands;
}

// LibTorch's threads wait for one another by spinning, milliseconds as GNU's OpenMP has it: beside other programs they
// take the time of those they wait for. OpenMP looks here when LibTorch brings it, which is later.
void spin_briefly() {
  if (std::getenv("OMP_WAIT_POLICY") == nullptr) setenv("GOMP_SPINCOUNT", "10000", /*overwrite=*/0);
}

}  // namespace
}  // namespace cloudmask

int main(int argc, char** argv) {
  using namespace cloudmask;
  spin_briefly();
  return exit_code_of([&] {
    CLI::App program("Finds clouds in Sentinel-3 SLSTR scenes: trains, runs and judges cloud masks.", "cloudmask");
    const auto commands = make_commands(program);
    return run_program(program, commands, argc, argv);
  });
}
