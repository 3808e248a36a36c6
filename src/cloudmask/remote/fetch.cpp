#include "cloudmask/remote/fetch.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>

#include "cloudmask/base/clock.h"
#include "cloudmask/base/error.h"
#include "cloudmask/base/object_pool.h"
#include "cloudmask/base/parallel_for.h"
#include "cloudmask/remote/download.h"
#include "cloudmask/remote/object_key.h"

namespace cloudmask {
namespace {

/// So many requests in a row without an answer, or two for each job, mean that no other would fare better.
constexpr int kLeastFailures = 16;

}  // namespace

class Fetch::Work {
 public:
  Work(const FetchOptions& options, TargetFolder& folder, const FetchPlan& plan)
      : options_(options),
        folder_(folder),
        traffic_(options.bytes_per_s, std::max(2 * options.jobs, kLeastFailures), [this] { show_progress(); }) {
    if (!plan.files.empty()) folder.begin_writing();
    for (const WantedFile& wanted : plan.files) {
      const Download& download = downloads_.emplace_back(options_, folder_, wanted, traffic_);
      all_bytes_ = saturating_sum(all_bytes_, download.missing_bytes());
    }
  }

  std::uint64_t missing_bytes() const { return all_bytes_; }

  FetchReport run(const std::function<void(const FetchProgress&)>& on_progress) {
    on_progress_ = on_progress;
    // Not before the caller has looked for room: a store may claim any size.
    for (Download& download : downloads_) {
      for (const ByteRange& range : download.parts()) parts_.push_back({&download, range});
    }
    ObjectPool<S3Store> stores([&] { return std::make_unique<S3Store>(options_.store, options_.http); });
    const auto fetch_part = [&](std::size_t i) {
      const auto store = stores.lend();
      const auto arrival = parts_[i].download->fetch_part(*store, parts_[i].range);
      if (arrival) count(*parts_[i].download, *arrival);
    };
    const Stopwatch watch;
    try {
      parallel_for(parts_.size(), fetch_part, options_.jobs);
    } catch (const Interrupted&) {
      throw Interrupted(
          fmt::format("stopped by a signal; {} of {} files are whole in {}, what had begun is kept: the "
                      "same command goes on from there",
                      report_.fetched, downloads_.size(), folder_.path().string()));
    }
    report_.received_bytes = traffic_.received_bytes();
    report_.time_s = watch.elapsed_s();
    const auto by_key = [](const FailedKey& a, const FailedKey& b) { return a.key < b.key; };
    std::sort(report_.failed.begin(), report_.failed.end(), by_key);
    return report_;
  }

 private:
  struct Part {
    Download* download = nullptr;
    ByteRange range;
  };

  void count(const Download& download, const Arrival& arrival) {
    const std::lock_guard lock(mutex_);
    ++files_ended_;
    if (!arrival.failure.empty()) {
      report_.failed.push_back({printable(download.key()), arrival.failure});
      return;
    }
    ++report_.fetched;
    report_.resumed += arrival.resumed ? 1 : 0;
    ++report_.proofs.at(static_cast<std::size_t>(arrival.proof));
  }

  void show_progress() {
    const std::unique_lock lock(progress_mutex_, std::try_to_lock);
    if (!lock) return;  // another thread is showing it
    on_progress_({.files = files_ended_,
                  .all_files = downloads_.size(),
                  .bytes = traffic_.received_bytes(),
                  .all_bytes = all_bytes_});
  }

  const FetchOptions options_;
  TargetFolder& folder_;
  Traffic traffic_;
  std::deque<Download> downloads_;
  std::vector<Part> parts_;
  std::uint64_t all_bytes_ = 0;
  std::function<void(const FetchProgress&)> on_progress_;
  std::mutex progress_mutex_;
  std::atomic<std::size_t> files_ended_{0};
  std::mutex mutex_;  ///< of the report
  FetchReport report_;
};

Fetch::Fetch(const FetchOptions& options, TargetFolder& folder, const FetchPlan& plan)
    : work_(std::make_unique<Work>(options, folder, plan)) {}

Fetch::~Fetch() = default;

std::uint64_t Fetch::missing_bytes() const { return work_->missing_bytes(); }

FetchReport Fetch::run(const std::function<void(const FetchProgress&)>& on_progress) { return work_->run(on_progress); }

}  // namespace cloudmask
