#pragma once

#include <exception>
#include <functional>
#include <string>

#include "cloudmask/base/error.h"
#include "cloudmask/parallel/communicator.h"

namespace cloudmask {

/// Marks what is thrown by all ranks in the same place: they end together, and rank 0 alone says why. Whatever else a
/// rank throws is its own, and ends the others by Communicator::abort.
class ThrownByAll {
 public:
  virtual ~ThrownByAll() = default;
};

template <typename Kind>
class OnAllRanks final : public Kind, public ThrownByAll {
 public:
  using Kind::Kind;
};

/// True when any rank was asked to stop, or brings a `fault` of kind Interrupted. A fault of another kind on any rank
/// is thrown on all, with the rank and its machine named; one process throws its own as it is.
bool agree_to_stop(Communicator& ranks, const std::exception_ptr& fault, bool stop);

/// Does `work` on every rank, or on rank 0 alone while the others wait. Throws on all what one has thrown.
void do_on_all(Communicator& ranks, const std::function<void()>& work);
void do_on_first(Communicator& ranks, const std::function<void()>& work);

/// For what the program can do without: does `work` on every rank. Where one throws, rank 0 warns of `consequence` with
/// the rank and its reason, and all get false. Interrupted is thrown on, on all.
bool try_on_all(Communicator& ranks, const std::string& consequence, const std::function<void()>& work);

}  // namespace cloudmask
