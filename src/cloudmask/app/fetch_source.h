#pragma once

#include <string>

#include "cloudmask/remote/s3_store.h"

namespace cloudmask {

/// Where a word of the command line stands in a store.
struct FetchSource {
  StoreAddress store;
  std::string prefix;
  bool is_benchmark = false;  ///< the benchmark's public store, which takes no credentials
};

/// `what` is a data set of the benchmark or a prefix of keys; `endpoint` and `bucket` are empty for the benchmark's.
/// With a bucket of one's own every word is a prefix. `folder`, if not empty, stands before the word, in place of the
/// benchmark's own folder. Throws UsageError.
FetchSource find_fetch_source(const std::string& what, const std::string& endpoint, const std::string& bucket,
                              const std::string& folder);

}  // namespace cloudmask
