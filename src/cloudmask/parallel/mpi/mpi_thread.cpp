#include "cloudmask/parallel/mpi/mpi_thread.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <string_view>
#include <utility>

#include "cloudmask/base/error.h"

namespace cloudmask {
namespace {

using namespace std::chrono_literals;

// What is under way is asked for without a pause first: most of it is a matter of microseconds once all ranks are
// there.
constexpr int kEagerPolls = 2000;
constexpr auto kPause = 20us;
constexpr auto kIdlePause = 20ms;  // rank 0 may be asked for a ticket

// Open MPI would end the process here itself, with a page about how it was built. PMI_FD is PMI-2's.
void require_way_to_meet() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> library{};
  int length = 0;
  MPI_Get_library_version(library.data(), &length);
  const bool open_mpi = std::string_view(library.data()).starts_with("Open MPI");
  const char* const tasks = std::getenv("SLURM_STEP_NUM_TASKS");
  const auto is_set = [](const char* variable) { return std::getenv(variable) != nullptr; };
  if (!open_mpi || tasks == nullptr || is_set("OMPI_COMM_WORLD_SIZE") || is_set("PMIX_RANK") || is_set("PMI_FD"))
    return;
  throw UsageError(
      fmt::format("srun started {} processes without anything to find each other by: each would believe that it is "
                  "alone; start them with srun --mpi=pmix",
                  tasks));
}

}  // namespace

MpiThread::MpiThread() {
  require_way_to_meet();
  std::promise<void> started;
  std::future<void> ready = started.get_future();
  thread_ = std::thread([this, &started] { serve(started); });
  try {
    ready.get();
  } catch (...) {
    thread_.join();
    throw;
  }
}

MpiThread::~MpiThread() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void MpiThread::join() {
  int level = 0;
  if (MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &level) != MPI_SUCCESS || level < MPI_THREAD_FUNNELED) {
    throw Error("MPI could not be initialised for a program with threads");
  }
  int size = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  std::array<char, MPI_MAX_PROCESSOR_NAME> own{};
  int length = 0;
  MPI_Get_processor_name(own.data(), &length);
  std::vector<char> all(own.size() * static_cast<std::size_t>(size));
  MPI_Allgather(own.data(), static_cast<int>(own.size()), MPI_CHAR, all.data(), static_cast<int>(own.size()), MPI_CHAR,
                MPI_COMM_WORLD);
  for (std::size_t rank = 0; rank < static_cast<std::size_t>(size); ++rank) {
    hosts_.emplace_back(&all[rank * own.size()]);
  }
  heartbeat_ = std::make_unique<Heartbeat>(MPI_COMM_WORLD, hosts_);
  tickets_ = std::make_unique<Tickets>(MPI_COMM_WORLD);
  news_ = std::make_unique<News>(MPI_COMM_WORLD);
}

void MpiThread::serve(std::promise<void>& started) {
  try {
    join();
  } catch (...) {
    started.set_exception(std::current_exception());
    return;
  }
  started.set_value();
  while (true) {
    std::packaged_task<void()> job;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, kIdlePause, [this] { return !jobs_.empty() || closing_ || abort_code_ != 0; });
      if (!jobs_.empty()) {
        job = std::move(jobs_.front());
        jobs_.pop_front();
      } else if (closing_) {
        break;
      }
    }
    be_alive();
    if (job.valid()) job();
  }
  leave();
}

void MpiThread::be_alive() {
  if (abort_code_ != 0) MPI_Abort(MPI_COMM_WORLD, abort_code_);
  heartbeat_->beat();
  tickets_->serve();
  news_->receive();
}

std::int64_t MpiThread::take_ticket() {
  return tickets_->take([this](MPI_Request request) { wait(request); });
}

void MpiThread::tell_first(const std::string& text) {
  news_->tell(text, [this](MPI_Request request) { wait(request); });
}

std::vector<std::string> MpiThread::told() {
  news_->receive();
  return news_->take();
}

void MpiThread::leave() {
  MPI_Request all_there = MPI_REQUEST_NULL;
  MPI_Ibarrier(MPI_COMM_WORLD, &all_there);
  wait(all_there);
  heartbeat_->end();
  MPI_Finalize();
}

std::future<void> MpiThread::start(std::function<void()> work) {
  std::packaged_task<void()> job(std::move(work));
  std::future<void> done = job.get_future();
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
  return done;
}

void MpiThread::wait(MPI_Request request) {
  for (int polls = 0;; ++polls) {
    int done = 0;
    MPI_Test(&request, &done, MPI_STATUS_IGNORE);
    if (done != 0) return;
    be_alive();
    if (polls >= kEagerPolls) std::this_thread::sleep_for(kPause);
  }
}

void MpiThread::abort(int code) {
  abort_code_ = code;
  wake_.notify_one();
  thread_.join();  // it does not return
  std::_Exit(code);
}

}  // namespace cloudmask
