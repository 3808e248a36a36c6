#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "cloudmask/remote/s3_store.h"

namespace cloudmask {

struct FetchOptions {
  StoreAddress store;
  HttpOptions http;
  std::string prefix;                ///< of the keys; what follows its last '/' is the path below the folder
  std::optional<std::size_t> limit;  ///< only so many objects, the first by key
  int jobs = 8;                      ///< requests at the same time
  int retries = 8;                   ///< tries in a row that may fail after the first
  double bytes_per_s = 0;            ///< of all jobs together; 0: no limit
};

}  // namespace cloudmask
