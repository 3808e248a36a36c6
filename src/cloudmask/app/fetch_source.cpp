#include "cloudmask/app/fetch_source.h"

#include <array>

#include "cloudmask/base/error.h"

namespace cloudmask {
namespace {

// The public store of the CloudMask benchmark (mlcommons/science, benchmarks/cloudmask).
constexpr const char* kEndpoint = "https://s3.echo.stfc.ac.uk";
constexpr const char* kBucket = "sciml-datasets";

struct DataSet {
  const char* name;
  const char* folder;
};
constexpr std::array<DataSet, 4> kDataSets = {{{"one-day", "en/cloud_slstr_ds1"},
                                               {"ssts", "en/cloud_slstr_ds1"},
                                               {"training", "es/cloud_slstr_ds1"},
                                               {"inference", "es/cloud_slstr_ds1"}}};

std::string without_final_slashes(std::string text) {
  while (text.ends_with('/')) text.pop_back();
  return text;
}

std::string require_url(const std::string& endpoint) {
  if (!endpoint.starts_with("http://") && !endpoint.starts_with("https://")) {
    throw UsageError("--endpoint: '" + endpoint + "' is no URL; give http://HOST[:PORT] or https://HOST[:PORT]");
  }
  return without_final_slashes(endpoint);
}

}  // namespace

FetchSource find_fetch_source(const std::string& what, const std::string& endpoint, const std::string& bucket,
                              const std::string& folder) {
  FetchSource source;
  source.is_benchmark = endpoint.empty() && bucket.empty();
  source.store.endpoint = endpoint.empty() ? kEndpoint : require_url(endpoint);
  source.store.bucket = bucket.empty() ? kBucket : bucket;
  if (source.store.bucket.find('/') != std::string::npos) {
    throw UsageError("--bucket: '" + bucket + "' has a slash; what follows the bucket goes with --prefix");
  }
  const std::string before = folder.empty() ? "" : without_final_slashes(folder) + "/";
  source.prefix = before + what;
  for (const DataSet& set : kDataSets) {
    if (!bucket.empty() || what != set.name) continue;
    source.prefix = (folder.empty() ? std::string(set.folder) + "/" : before) + what + "/";
  }
  return source;
}

}  // namespace cloudmask
