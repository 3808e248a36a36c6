#include "cloudmask/parallel/agreement.h"

#include <fmt/format.h>

#include <array>

#include "cloudmask/base/log.h"
#include "cloudmask/base/plain_errors.h"

namespace cloudmask {
namespace {

enum State { kFine = 0, kStop = 1, kFault = 2, kUsageFault = 3 };

struct Contribution {
  State state = kFine;
  std::string message;
};

Contribution describe(const std::exception_ptr& fault, bool stop) {
  if (!fault) return {stop ? kStop : kFine, ""};
  try {
    std::rethrow_exception(fault);
  } catch (const Interrupted& error) {
    return {kStop, error.what()};
  } catch (const UsageError& error) {
    return {kUsageFault, error.what()};
  } catch (const std::exception& error) {
    return {kFault, plain_message(error)};
  }
}

void run_agreed(Communicator& ranks, const std::function<void()>& work, bool mine) {
  std::exception_ptr fault;
  try {
    if (mine) work();
  } catch (...) {
    fault = std::current_exception();
  }
  if (!agree_to_stop(ranks, fault, false)) return;
  if (ranks.size() == 1) std::rethrow_exception(fault);
  throw OnAllRanks<Interrupted>("stopped by a signal");
}

}  // namespace

bool agree_to_stop(Communicator& ranks, const std::exception_ptr& fault, bool stop) {
  const Contribution own = describe(fault, stop);
  if (ranks.size() == 1) {
    if (own.state >= kFault) std::rethrow_exception(fault);
    return own.state == kStop;
  }
  std::array<double, 1> worst = {static_cast<double>(own.state)};
  ranks.all_reduce_max(worst);
  const auto state = static_cast<State>(worst[0]);
  if (state < kFault) return state == kStop;

  const auto messages = ranks.gather(own.state == state ? own.message : "");
  int first = 0;
  while (messages[static_cast<std::size_t>(first)].empty()) ++first;
  const std::string text =
      fmt::format("rank {} on {}: {}", first, ranks.host(first), messages[static_cast<std::size_t>(first)]);
  if (state == kUsageFault) throw OnAllRanks<UsageError>(text);
  throw OnAllRanks<Error>(text);
}

void do_on_all(Communicator& ranks, const std::function<void()>& work) { run_agreed(ranks, work, true); }

void do_on_first(Communicator& ranks, const std::function<void()>& work) { run_agreed(ranks, work, ranks.rank() == 0); }

bool try_on_all(Communicator& ranks, const std::string& consequence, const std::function<void()>& work) {
  try {
    do_on_all(ranks, work);
    return true;
  } catch (const Interrupted&) {
    throw;
  } catch (const std::exception& fault) {
    if (ranks.rank() == 0) log_warning(fmt::format("{}: {}", consequence, plain_message(fault)));
    return false;
  }
}

}  // namespace cloudmask
