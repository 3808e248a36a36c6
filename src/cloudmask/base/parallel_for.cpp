#include "cloudmask/base/parallel_for.h"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "cloudmask/base/cgroup.h"
#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/base/interrupt.h"
#include "cloudmask/base/log.h"

namespace cloudmask {
namespace {

int cores_in_affinity() {
  constexpr int kMaxCores = 65536;  // the kernel refuses a set smaller than its own
  const std::size_t set_bytes = CPU_ALLOC_SIZE(kMaxCores);
  std::vector<unsigned long> storage(set_bytes / sizeof(unsigned long), 0);
  auto* set = reinterpret_cast<cpu_set_t*>(storage.data());
  if (sched_getaffinity(0, set_bytes, set) != 0) return static_cast<int>(std::thread::hardware_concurrency());
  return CPU_COUNT_S(set_bytes, set);
}

double cores_in_cgroup() {
  try {
    return cgroup_core_limit(read_file("/proc/self/cgroup"), "/sys/fs/cgroup");
  } catch (const Error&) {
    return HUGE_VAL;  // a kernel without control groups
  }
}

}  // namespace

int available_threads() {
  const double cores = std::min<double>(cores_in_affinity(), std::ceil(cores_in_cgroup()));
  return std::max(1, static_cast<int>(cores));
}

int cores_of_machine() {
  const double cores = std::min<double>(std::thread::hardware_concurrency(), std::ceil(cores_in_cgroup()));
  return std::max(1, static_cast<int>(cores));
}

int threads_asked_for(int threads) {
  static std::atomic<int> warned_of = 0;
  const int cores = available_threads();
  if (threads > cores && warned_of.exchange(threads) != threads) {
    log_warning(
        fmt::format("threads: {} asked for, but this process may use {} cores: they take turns, which is slower; "
                    "leave threads out for as many as there are cores",
                    threads, cores));
  }
  return threads > 0 ? threads : cores;
}

void finish_in_parallel(std::size_t n, const std::function<void(std::size_t)>& work, int threads) {
  if (threads <= 0) threads = available_threads();
  std::atomic<std::size_t> next{0};
  std::mutex failure_mutex;
  std::exception_ptr failure;
  const auto take_turns = [&] {
    try {
      for (std::size_t i = next++; i < n; i = next++) {
        work(i);
      }
    } catch (...) {
      next = n;  // the others finish what they hold and stop
      const std::lock_guard lock(failure_mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> helpers;
    try {
      for (std::size_t i = 1; i < std::min(n, static_cast<std::size_t>(threads)); ++i) helpers.emplace_back(take_turns);
    } catch (const std::system_error&) {
      // The system grants no more threads: those there are do the work.
    }
    take_turns();
  }
  if (failure) std::rethrow_exception(failure);
}

void parallel_for(std::size_t n, const std::function<void(std::size_t)>& work, int threads) {
  const auto unless_interrupted = [&](std::size_t i) {
    if (interrupt_requested()) throw Interrupted("stopped by a signal; what was finished before is kept");
    work(i);
  };
  finish_in_parallel(n, unless_interrupted, threads);
}

std::vector<std::string> try_each(std::size_t n, const std::function<void(std::size_t)>& work, int threads) {
  std::vector<std::string> faults(n);
  const auto attempt = [&](std::size_t i) {
    try {
      work(i);
    } catch (const Interrupted&) {
      throw;
    } catch (const Error& error) {
      faults[i] = error.what();
    }
  };
  parallel_for(n, attempt, threads);
  return faults;
}

}  // namespace cloudmask
