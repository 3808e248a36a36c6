#pragma once

namespace cloudmask {

/// SIGINT, SIGTERM and SIGUSR1 set a flag that long work polls; a second SIGINT ends the program at once.
void install_interrupt_handlers();

/// True once a signal has come. Long work then finishes its step, saves, and throws Interrupted.
bool interrupt_requested();

/// Sets or clears the flag by hand: for the library's users and for tests.
void set_interrupt_requested(bool value);

}  // namespace cloudmask
