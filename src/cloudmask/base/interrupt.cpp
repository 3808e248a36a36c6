#include "cloudmask/base/interrupt.h"

#include <atomic>
#include <csignal>

namespace cloudmask {
namespace {

std::atomic<bool> requested{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");

void handle_signal(int signal) {
  if (requested.exchange(true) && signal == SIGINT) {
    // Takes effect when this handler returns: the shell sees a program ended by SIGINT.
    std::signal(SIGINT, SIG_DFL);
    std::raise(SIGINT);
  }
}

}  // namespace

void install_interrupt_handlers() {
  struct sigaction action {};
  action.sa_handler = handle_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGUSR1, &action, nullptr);  // a batch system's warning that time runs out
}

bool interrupt_requested() { return requested.load(std::memory_order_relaxed); }

void set_interrupt_requested(bool value) { requested.store(value); }

}  // namespace cloudmask
