#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace cloudmask {

/// Cores that this process may use (affinity and cgroup quota counted), at least 1.
int available_threads();

/// Cores of the machine, for all its processes together (cgroup quota counted), at least 1.
int cores_of_machine();

/// What `threads` of a configuration stands for: 0 is available_threads(). Warns, once for each number, of more.
int threads_asked_for(int threads);

/// Calls work(i) for i in [0, n) on up to `threads` threads (0: available_threads()), the calling one included.
/// The first exception thrown by any call is thrown again here once all threads have stopped. Throws Interrupted
/// instead of beginning another call when interrupt_requested().
void parallel_for(std::size_t n, const std::function<void(std::size_t)>& work, int threads = 0);

/// The same for work that is short and shall be finished: signals do not stop it.
void finish_in_parallel(std::size_t n, const std::function<void(std::size_t)>& work, int threads = 0);

/// As parallel_for, but an Error of one call stops no other: what each said, empty where it went well.
std::vector<std::string> try_each(std::size_t n, const std::function<void(std::size_t)>& work, int threads = 0);

}  // namespace cloudmask
