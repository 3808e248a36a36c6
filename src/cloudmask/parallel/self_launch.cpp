#include "cloudmask/parallel/self_launch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/base/log.h"
#include "cloudmask/parallel/mpirun_messages.h"

namespace cloudmask {
namespace {

volatile std::sig_atomic_t mpirun_pid = 0;
volatile std::sig_atomic_t stopping = 0;
volatile std::sig_atomic_t forced = 0;  // a second Ctrl-C

// Open MPI's mpirun hands SIGUSR1 to all ranks, but answers SIGINT and SIGTERM by killing them a second later.
void pass_on(int signal) {
  forced = stopping != 0 && signal == SIGINT ? 1 : forced;
  kill(mpirun_pid, forced != 0 ? SIGTERM : SIGUSR1);
  stopping = 1;
}

void handle_signals() {
  struct sigaction action {};
  action.sa_handler = pass_on;
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) sigaction(signal, &action, nullptr);
}

std::vector<std::string> command_line(int ranks) {
  std::vector<std::string> words = {"mpirun",
                                    "-n",
                                    std::to_string(ranks),
                                    "--host",
                                    fmt::format("localhost:{}", ranks),
                                    "--oversubscribe",
                                    "--bind-to",
                                    "none",  // placement.h pins
                                    "--mca",
                                    "plm",
                                    "isolated",  // this machine alone: needs no ssh
                                    std::filesystem::read_symlink("/proc/self/exe").string()};
  const std::string own = read_file("/proc/self/cmdline");  // words end with '\0'
  for (std::size_t begin = own.find('\0') + 1; begin < own.size(); begin = own.find('\0', begin) + 1) {
    words.emplace_back(own.c_str() + begin);
  }
  return words;
}

[[noreturn]] void become_mpirun(std::vector<std::string> words, int errors, pid_t parent) {
  setpgid(0, 0);  // Ctrl-C reaches the parent alone
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) std::_Exit(1);
  dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
  dup2(errors, STDERR_FILENO);
  if (geteuid() == 0) {  // containers; whoever is root has decided so already
    setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 1);
    setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", 1);
  }
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  std::_Exit(127);
}

// Hands on what the ranks say, without mpirun's own words. Returns what those were worth.
std::string relay(int from) {
  MpirunMessages messages;
  std::array<char, 4096> bytes{};
  while (true) {
    const ssize_t count = read(from, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    std::fputs(messages.add({bytes.data(), static_cast<std::size_t>(count)}).c_str(), stderr);
  }
  std::fputs(messages.rest().c_str(), stderr);
  return messages.fault();
}

}  // namespace

bool can_launch_ranks() {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (access((std::filesystem::path(folder) / "mpirun").c_str(), X_OK) == 0) return true;
  }
  return false;
}

int launch_ranks(int ranks) {
  std::array<int, 2> errors{};
  if (pipe2(errors.data(), O_CLOEXEC) != 0) throw Error("cannot make a pipe to start processes");
  const auto words = command_line(ranks);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) throw Error("cannot start a process; is a limit (ulimit -u) reached?");
  if (child == 0) become_mpirun(words, errors[1], parent);
  mpirun_pid = child;
  handle_signals();
  close(errors[1]);
  const std::string fault = relay(errors[0]);
  close(errors[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
  if (code == 127) {
    throw Error(
        fmt::format("{} processes are asked for (gpu), which takes Open MPI's mpirun, and it is not there; "
                    "install Open MPI, or set gpu: 1",
                    ranks));
  }
  const bool unheard = WIFSIGNALED(status) || code == 128 + SIGUSR1;  // the processes did not listen yet
  if (forced != 0 || (stopping != 0 && unheard)) return 130;
  if (!fault.empty()) log_error(fault);
  return code == 0 || code == 2 || code == 130 ? code : 1;
}

}  // namespace cloudmask
