#include "cloudmask/remote/fetch_json.h"

#include <nlohmann/json.hpp>

namespace cloudmask {
namespace {

nlohmann::json as_json(const std::vector<FailedKey>& keys) {
  nlohmann::json list = nlohmann::json::array();
  for (const FailedKey& failed : keys) list.push_back({{"key", failed.key}, {"reason", failed.reason}});
  return list;
}

void add_files(nlohmann::json& json, const FetchPlan& plan) {
  json["files"] = nlohmann::json::array();
  for (const WantedFile& file : plan.files) {
    json["files"].push_back({{"key", file.object.key}, {"path", file.path.string()}, {"bytes", file.object.bytes}});
  }
}

void add_report(nlohmann::json& json, const FetchReport& report) {
  json["fetched"] = report.fetched;
  json["resumed"] = report.resumed;
  json["received_bytes"] = report.received_bytes;
  json["time_s"] = report.time_s;
  json["failed"] = as_json(report.failed);
  for (int i = 0; i < kProofs; ++i) json["verified"][to_string(static_cast<Proof>(i))] = report.proofs[i];
}

}  // namespace

std::string fetch_json(const FetchOptions& options, const FetchPlan& plan, const FetchReport* report) {
  nlohmann::json json = {{"endpoint", options.store.endpoint}, {"bucket", options.store.bucket},
                         {"prefix", options.prefix},           {"wanted_bytes", plan.bytes()},
                         {"present", plan.whole.size()},       {"refused", as_json(plan.refused)}};
  if (report != nullptr) {
    add_report(json, *report);
  } else {
    add_files(json, plan);
  }
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace cloudmask
