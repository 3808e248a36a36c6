#include <fmt/format.h>

#include "cloudmask/base/error.h"
#include "cloudmask/base/log.h"
#include "cloudmask/base/parallel_for.h"
#include "cloudmask/remote/fetch.h"
#include "cloudmask/remote/object_key.h"
#include "cloudmask/remote/retry.h"

namespace cloudmask {
namespace {

enum class Presence { kAbsent, kWhole, kUnsure };

Presence presence_of(const WantedFile& wanted, const TargetFolder& folder) {
  const auto file = folder.open(wanted.path);
  if (!file || file->bytes != wanted.object.bytes) return Presence::kAbsent;
  const bool same_time = wanted.object.modified_s >= 0 && file->modified_s == wanted.object.modified_s;
  return same_time ? Presence::kWhole : Presence::kUnsure;
}

/// Of files with another time: those whose content is the object's.
std::vector<bool> compare_content(const FetchOptions& options, const TargetFolder& folder,
                                  const std::vector<WantedFile>& files) {
  if (files.empty()) return {};
  log_info(fmt::format("comparing {} files that are there with their objects", files.size()));
  std::vector<char> same(files.size(), 0);
  parallel_for(files.size(), [&](std::size_t i) {
    const RemoteObject& object = files[i].object;
    const auto file = folder.open(files[i].path);
    if (!file || file->bytes != object.bytes) return;
    const auto look = [&] {
      S3Store store(options.store, options.http);
      Retrier retrier(printable(object.key), options.retries);
      return with_retries(retrier, [&] { return store.look(object.key); });
    };
    try {
      const Verification verification = verify(file->descriptor.get(), object, look);
      same[i] = !verification.differs && verification.proof != Proof::kSizeOnly ? 1 : 0;
    } catch (const Interrupted&) {
      throw;
    } catch (const Error& error) {  // what cannot be compared is fetched
      log_detail(error.what());
    }
  });
  return {same.begin(), same.end()};
}

}  // namespace

std::uint64_t FetchPlan::bytes() const {
  std::uint64_t sum = 0;
  for (const WantedFile& file : files) sum = saturating_sum(sum, file.object.bytes);
  return sum;
}

FetchPlan plan_fetch(const FetchOptions& options, const TargetFolder* folder) {
  S3Store store(options.store, options.http);
  const std::string what =
      printable(fmt::format("list of {}/{}/{}", options.store.endpoint, options.store.bucket, options.prefix));
  const auto list = [&](const std::string& token, std::size_t most_objects) {
    Retrier retrier(what, options.retries);
    try {
      return with_retries(retrier, [&] { return store.list(options.prefix, token, most_objects); });
    } catch (const StoreFault& fault) {
      throw Error(what + ": " + fault.what());
    }
  };
  Selection selection = select_objects(list, options.prefix, options.limit);
  FetchPlan plan;
  plan.refused = std::move(selection.refused);
  std::vector<WantedFile> unsure;
  for (WantedFile& wanted : selection.files) {
    try {
      const Presence presence = folder == nullptr ? Presence::kAbsent : presence_of(wanted, *folder);
      auto& files = presence == Presence::kAbsent ? plan.files : presence == Presence::kWhole ? plan.whole : unsure;
      files.push_back(std::move(wanted));
    } catch (const Error& error) {  // a link or a folder in the way
      plan.refused.push_back({printable(wanted.object.key), error.what()});
    }
  }
  const std::vector<bool> same = unsure.empty() ? std::vector<bool>() : compare_content(options, *folder, unsure);
  for (std::size_t i = 0; i < unsure.size(); ++i) (same[i] ? plan.whole : plan.files).push_back(unsure[i]);
  return plan;
}

}  // namespace cloudmask
