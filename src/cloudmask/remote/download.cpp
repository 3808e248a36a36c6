#include "cloudmask/remote/download.h"

#include <fmt/format.h>

#include "cloudmask/base/error.h"
#include "cloudmask/base/log.h"
#include "cloudmask/remote/object_key.h"
#include "cloudmask/remote/retry.h"

namespace cloudmask {
namespace {

constexpr int kRestarts = 2;

}  // namespace

Download::Download(const FetchOptions& options, const TargetFolder& folder, const WantedFile& wanted, Traffic& traffic)
    : options_(options), traffic_(traffic), partial_(folder, wanted) {
  arrival_.resumed = partial_.received_bytes() > 0;
}

std::vector<ByteRange> Download::parts() {
  std::vector<ByteRange> parts = split(partial_.missing(), kPart_bytes);
  if (parts.empty()) parts.push_back({0, 0});  // an empty object, or one that only waits for its place
  parts_left_ = parts.size();
  return parts;
}

std::optional<Arrival> Download::fetch_part(S3Store& store, ByteRange part) {
  try {
    std::call_once(opened_, [&] { partial_.open(); });
    if (!given_up()) receive(store, part);
    if (--parts_left_ > 0) return std::nullopt;
    return finish(store);
  } catch (...) {
    keep_note();
    throw;
  }
}

/// A help for the next run: failing to write it must not hide why this run stops.
void Download::keep_note() {
  try {
    partial_.keep_note();
  } catch (const Error& error) {
    log_detail(error.what());
  }
}

bool Download::given_up() {
  const std::lock_guard lock(mutex_);
  return changed_ || !arrival_.failure.empty();
}

/// All of the range, or a note why not.
void Download::receive(S3Store& store, ByteRange range) {
  Retrier retrier(printable(key()), options_.retries);
  const auto take = [&](std::string_view bytes) {
    traffic_.pass(bytes.size());
    partial_.write(range.offset, bytes);
    range.offset += bytes.size();
    range.bytes -= bytes.size();
    retrier.made_progress();
  };
  const auto read_rest = [&] {
    if (range.bytes > 0) store.read(partial_.wanted().object, range, take);
  };
  try {
    with_retries(retrier, read_rest);
  } catch (const StoreFault& fault) {
    note_fault(fault);
  }
}

void Download::note_fault(const StoreFault& fault) {
  if (fault.kind() == FaultKind::kTransient) traffic_.give_up(fault);
  const std::lock_guard lock(mutex_);
  if (fault.kind() == FaultKind::kChanged) {
    changed_ = true;
  } else if (arrival_.failure.empty()) {
    arrival_.failure = fault.what();
  }
}

/// After the last part: no other thread has this file any more.
Arrival Download::finish(S3Store& store) {
  for (int restarts = 0; arrival_.failure.empty(); ++restarts) {
    const std::string fault = changed_ ? "it has changed in the store" : fault_of_content(store);
    if (!arrival_.failure.empty()) break;
    if (fault.empty()) {
      adopt();
      return arrival_;
    }
    if (restarts == kRestarts) {
      arrival_.failure = fmt::format("given up after {} times: {}", restarts + 1, fault);
      partial_.restart(partial_.wanted().object);  // going on from it would end the same
      break;
    }
    log_info(fmt::format("{}: {}; fetching it again", printable(key()), fault));
    start_again(store);
  }
  partial_.set_aside();
  return arrival_;
}

/// What stands in the way of one file must not keep the others from theirs.
void Download::adopt() {
  try {
    partial_.adopt();
  } catch (const Error& error) {
    arrival_.failure = error.what();
    keep_note();
  }
}

/// Empty when the file is the object.
std::string Download::fault_of_content(S3Store& store) {
  Retrier retrier(printable(key()), options_.retries);
  const auto look = [&] { return with_retries(retrier, [&] { return store.look(key()); }); };
  try {
    const Verification verification = verify(partial_.descriptor(), partial_.wanted().object, look);
    arrival_.proof = verification.proof;
    return verification.differs ? "it arrived damaged: " + verification.detail : "";
  } catch (const StoreFault& fault) {
    note_fault(fault);
    return "";
  }
}

void Download::start_again(S3Store& store) {
  RemoteObject object = partial_.wanted().object;
  if (changed_) {
    Retrier retrier(printable(key()), options_.retries);
    try {
      object = with_retries(retrier, [&] { return store.look(key()).object; });
    } catch (const StoreFault& fault) {
      note_fault(fault);
      return;
    }
    if (object.etag.empty()) {  // what was compared before must not pass without
      arrival_.failure = "it has changed, and the store does not tell its new ETag";
      return;
    }
  }
  partial_.restart(object);
  changed_ = false;
  arrival_.resumed = false;
  receive(store, {0, object.bytes});
}

}  // namespace cloudmask
