#pragma once

#include <string>
#include <string_view>

#include "cloudmask/base/error.h"

namespace cloudmask {

enum class FaultKind {
  kTransient,  ///< may go well in a moment: cuts, timeouts, 5xx, "slow down"
  kDenied,     ///< 401, 403
  kMissing,    ///< 404
  kChanged,    ///< the object is no longer the one that was asked for
  kPermanent,  ///< anything else that trying again does not mend
};

/// A request to a store failed.
class StoreFault : public Error {
 public:
  StoreFault(FaultKind kind, const std::string& message, double retry_after_s = 0)
      : Error(message), kind_(kind), retry_after_s_(retry_after_s) {}

  FaultKind kind() const { return kind_; }
  double retry_after_s() const { return retry_after_s_; }  ///< asked for by the store; 0: nothing asked

 private:
  FaultKind kind_;
  double retry_after_s_;
};

/// Of an HTTP status and the `Code` of the store's answer, which may be empty.
FaultKind kind_of_status(int status, std::string_view code);

}  // namespace cloudmask
