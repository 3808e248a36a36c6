#pragma once

#include <mpi.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "cloudmask/parallel/mpi/heartbeat.h"
#include "cloudmask/parallel/mpi/news.h"
#include "cloudmask/parallel/mpi/tickets.h"

namespace cloudmask {

/// The one thread that calls MPI. It works while the others compute, and gives signs of life while they are busy.
class MpiThread {
 public:
  /// Initialises MPI. Throws Error.
  MpiThread();

  /// Waits for all ranks, then finalises MPI.
  ~MpiThread();
  MpiThread(const MpiThread&) = delete;
  MpiThread& operator=(const MpiThread&) = delete;

  int rank() const { return rank_; }
  const std::vector<std::string>& hosts() const { return hosts_; }  ///< by rank

  /// Runs `work` in the thread, after what was given to it before.
  std::future<void> start(std::function<void()> work);

  /// For `work`: waits for a request, and wakes up now and then.
  void wait(MPI_Request request);

  /// For `work`.
  void restart_tickets() { tickets_->restart(); }
  std::int64_t take_ticket();
  void tell_first(const std::string& text);
  std::vector<std::string> told();

  [[noreturn]] void abort(int code);

 private:
  void join();
  void serve(std::promise<void>& started);
  void leave();
  void be_alive();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::packaged_task<void()>> jobs_;
  bool closing_ = false;
  std::atomic<int> abort_code_{0};
  int rank_ = 0;
  std::vector<std::string> hosts_;
  std::unique_ptr<Heartbeat> heartbeat_;
  std::unique_ptr<Tickets> tickets_;
  std::unique_ptr<News> news_;
  std::thread thread_;
};

}  // namespace cloudmask
