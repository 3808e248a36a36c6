#include "cloudmask/python/caller.h"

#include <pybind11/pybind11.h>

#include <chrono>
#include <future>

#include "cloudmask/base/error.h"
#include "cloudmask/base/interrupt.h"
#include "cloudmask/base/log.h"
#include "cloudmask/base/plain_errors.h"

namespace cloudmask::python {

namespace py = pybind11;

void Caller::call(const std::function<void()>& task) {
  std::unique_lock lock(mutex_);
  task_ = &task;
  changed_.notify_all();
  changed_.wait(lock, [this] { return task_ == nullptr; });
  if (task_raised_) throw Interrupted("stopped by a callback");
}

// One turn of waiting; false when the work is done.
bool Caller::serve() {
  constexpr auto kSignalsEvery = std::chrono::milliseconds(50);
  const std::function<void()>* task = nullptr;
  {
    const py::gil_scoped_release unlocked;
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kSignalsEvery, [this] { return task_ != nullptr || finished_; });
    task = task_;
    if (task == nullptr && finished_) return false;
  }
  std::exception_ptr fault;
  bool signalled = false;
  try {
    if (task != nullptr) (*task)();
    signalled = PyErr_CheckSignals() != 0;
    if (signalled) throw py::error_already_set();
  } catch (const py::error_already_set& error) {
    fault = std::current_exception();
    signalled = signalled || error.matches(PyExc_KeyboardInterrupt);  // Ctrl-C may come while a callback runs
  } catch (...) {
    fault = std::current_exception();  // or the work's thread would wait for ever
  }
  if (signalled) {
    signalled_ = true;
    set_interrupt_requested(true);
  }
  const std::lock_guard lock(mutex_);
  // After a signal the work is stopping, and saves: what callbacks raise from then on counts no more.
  if (fault && (signalled || !signalled_)) fault_ = fault;
  if (task != nullptr) {
    task_ = nullptr;
    task_raised_ = fault && !signalled_;
    changed_.notify_all();
  }
  return true;
}

void Caller::wait_for(const std::function<void()>& work) {
  auto done = std::async(std::launch::async, [&] {
    struct SayFinished {
      Caller& caller;
      ~SayFinished() {
        const std::lock_guard lock(caller.mutex_);
        caller.finished_ = true;
        caller.changed_.notify_all();
      }
    };
    const SayFinished at_end{*this};
    with_plain_errors([&] { work(); });
  });
  while (serve()) {
  }
  {
    const py::gil_scoped_release unlocked;  // the thread may still have something to log
    done.wait();
  }
  if (signalled_) set_interrupt_requested(false);
  try {
    done.get();
  } catch (const Interrupted& stopped) {
    if (!fault_) throw;
    if (signalled_) log_warning(stopped.what());  // what was saved, and how to go on
  } catch (const Error& fault) {
    if (!fault_) throw;
    log_error(fault.what());  // perhaps that the state could not be saved
  }
  if (fault_) std::rethrow_exception(fault_);
}

}  // namespace cloudmask::python
