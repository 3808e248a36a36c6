#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "cloudmask/remote/fetch_options.h"
#include "cloudmask/remote/selection.h"
#include "cloudmask/remote/target_folder.h"
#include "cloudmask/remote/verification.h"

namespace cloudmask {

/// What is to be done.
struct FetchPlan {
  std::vector<WantedFile> files;   ///< not there, or not whole
  std::vector<WantedFile> whole;   ///< there already
  std::vector<FailedKey> refused;  ///< will not be fetched
  std::uint64_t bytes() const;     ///< of `files`
};

/// Lists the objects and looks which of them `folder` holds: of the same size and either the object's time (which a
/// fetched file gets) or its checksum. `folder` may be null: nothing is there. Throws Error, StoreFault, Interrupted.
FetchPlan plan_fetch(const FetchOptions& options, const TargetFolder* folder);

struct FetchProgress {
  std::size_t files = 0;  ///< finished, failed ones too
  std::size_t all_files = 0;
  std::uint64_t bytes = 0;  ///< received in this run
  std::uint64_t all_bytes = 0;
};

struct FetchReport {
  std::size_t fetched = 0;
  std::size_t resumed = 0;                       ///< of them those that an earlier run had begun
  std::uint64_t received_bytes = 0;              ///< through the network
  std::array<std::size_t, kProofs> proofs = {};  ///< how many of them were compared with what, by Proof
  std::vector<FailedKey> failed;                 ///< the rest was fetched all the same
  double time_s = 0;
};

/// Fetches the files of a plan. Large ones come in parts that are fetched at the same time.
class Fetch {
 public:
  /// Reads the notes of earlier runs. Throws Error when another program fetches into the folder.
  Fetch(const FetchOptions& options, TargetFolder& folder, const FetchPlan& plan);
  ~Fetch();

  std::uint64_t missing_bytes() const;  ///< to be received, and of free space on the disk

  /// Calls `on_progress` from any one thread at a time. Throws Interrupted and Error (full disk, a store that no longer
  /// answers at all); what was received is kept for the next run then.
  FetchReport run(const std::function<void(const FetchProgress&)>& on_progress);

 private:
  class Work;
  std::unique_ptr<Work> work_;
};

}  // namespace cloudmask
