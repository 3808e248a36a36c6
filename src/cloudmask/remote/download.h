#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cloudmask/remote/fetch_options.h"
#include "cloudmask/remote/partial_file.h"
#include "cloudmask/remote/traffic.h"
#include "cloudmask/remote/verification.h"

namespace cloudmask {

/// How the way of one file ended.
struct Arrival {
  std::string failure;  ///< empty: it is in its place
  bool resumed = false;
  Proof proof = Proof::kSizeOnly;
};

/// One file on its way: received in parts by several threads, compared by the one that had the last part, and put in
/// its place. What changes or arrives damaged is fetched again twice.
class Download {
 public:
  Download(const FetchOptions& options, const TargetFolder& folder, const WantedFile& wanted, Traffic& traffic);

  const std::string& key() const { return partial_.wanted().object.key; }

  std::uint64_t missing_bytes() const { return partial_.missing_bytes(); }

  /// What is to be received, from an earlier run's end on; at least one part, which may be empty. Call once.
  std::vector<ByteRange> parts();

  /// The end of the whole file when this was its last part. Throws Error (disk) and Interrupted.
  std::optional<Arrival> fetch_part(S3Store& store, ByteRange part);

 private:
  void receive(S3Store& store, ByteRange range);
  void note_fault(const StoreFault& fault);
  bool given_up();
  Arrival finish(S3Store& store);
  void adopt();
  std::string fault_of_content(S3Store& store);
  void start_again(S3Store& store);
  void keep_note();

  const FetchOptions& options_;
  Traffic& traffic_;
  PartialFile partial_;
  Arrival arrival_;
  std::once_flag opened_;
  std::atomic<std::size_t> parts_left_{0};
  std::mutex mutex_;  ///< of changed_ and arrival_.failure while several threads are at work
  bool changed_ = false;
};

}  // namespace cloudmask
