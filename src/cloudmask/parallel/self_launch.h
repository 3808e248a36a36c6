#pragma once

namespace cloudmask {

/// Runs this command line again as `ranks` processes on this machine, by mpirun, and waits. SIGINT, SIGTERM and SIGUSR1
/// are passed on, a second SIGINT ends all at once. Returns the exit code of the command; says itself which rank was
/// ended by a signal. Throws Error when mpirun is missing.
int launch_ranks(int ranks);

/// Whether there is an mpirun to do so with.
bool can_launch_ranks();

}  // namespace cloudmask
