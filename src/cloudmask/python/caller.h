#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

namespace cloudmask::python {

/// A thread of Python that waits, without the global lock, for work that another thread does for it. Meanwhile it hears
/// signals, as Python does between two instructions, and makes the calls into Python that the work asks for: callbacks
/// come in the thread that the user called from. The work is in a thread of its own so that LibTorch's settings in the
/// user's thread stay what they are.
class Caller {
 public:
  /// Returns when `work` has. Throws what it throws as Error; what a callback raised; and what Python's signal handlers
  /// raise (KeyboardInterrupt), after interrupt_requested() has brought the work to its end.
  void wait_for(const std::function<void()>& work);

  /// From the work's thread: has the waiting one do `task`, which may use Python. Throws Interrupted when it raised
  /// anything but KeyboardInterrupt, which work hears of as of any signal.
  void call(const std::function<void()>& task);

 private:
  bool serve();

  std::mutex mutex_;
  std::condition_variable changed_;
  const std::function<void()>* task_ = nullptr;
  bool task_raised_ = false;
  bool finished_ = false;
  bool signalled_ = false;
  std::exception_ptr fault_;  ///< raised in Python
};

/// What work(Caller&) returns, done without the global lock.
template <typename Work>
auto without_lock(Work work) {
  using Result = std::invoke_result_t<Work, Caller&>;
  Caller caller;
  if constexpr (std::is_void_v<Result>) {
    caller.wait_for([&] { work(caller); });
  } else {
    std::optional<Result> result;
    caller.wait_for([&] { result.emplace(work(caller)); });
    return std::move(*result);
  }
}

}  // namespace cloudmask::python
