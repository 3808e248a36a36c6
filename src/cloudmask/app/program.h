#pragma once

#include <memory>
#include <vector>

#include "cloudmask/app/command.h"

namespace CLI {
class App;
}

namespace cloudmask {

/// Adds the commands to the program, parses the command line and runs the command it names. Returns the exit code;
/// throws UsageError for a command line that is wrong, and what the command throws.
int run_program(CLI::App& program, const std::vector<std::unique_ptr<Command>>& commands, int argc, char** argv);

}  // namespace cloudmask
